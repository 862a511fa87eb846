import Glibc
import RoomCore

/// An open directory. Names are looked up in it and nowhere else: no path is walked twice, and no symbolic link in it
/// is followed.
struct OpenDirectory: ~Copyable, Sendable {
    let descriptor: Int32
    let path: String

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Opens by a path that the operator chose, so links on the way are meant.
    init(path: String) throws(FileFault) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFault("opening", path) }
        self.init(descriptor: descriptor, path: path)
    }

    deinit { close(descriptor) }

    /// A second hold on the same directory.
    func again() throws(FileFault) -> OpenDirectory { try existing(".", path: path) }

    /// Nil when there is none of this name.
    func directory(_ name: String) throws(FileFault) -> OpenDirectory? {
        do throws(FileFault) {
            return try existing(name, path: "\(path)/\(name)")
        } catch {
            guard error.code == ENOENT else { throw error }
            return nil
        }
    }

    /// The directory of this name, made (for its owner alone) when there is none, and on the disk.
    ///
    /// It is synced also when it was there: whoever made it may not have come so far yet.
    func madeDirectory(_ name: String) throws(FileFault) -> OpenDirectory {
        guard mkdirat(descriptor, name, 0o700) == 0 || errno == EEXIST else {
            throw FileFault("making", "\(path)/\(name)")
        }
        try sync()
        return try existing(name, path: "\(path)/\(name)")
    }

    private func existing(_ name: String, path: String) throws(FileFault) -> OpenDirectory {
        let opened = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw FileFault("opening", path) }
        return OpenDirectory(descriptor: opened, path: path)
    }

    /// Nil when there is no file of this name.
    func file(_ name: String) throws(FileFault) -> OpenFile? {
        let opened = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        if opened < 0, errno == ENOENT { return nil }
        guard opened >= 0 else { throw FileFault("opening", "\(path)/\(name)") }
        let file = OpenFile(descriptor: opened, name: "\(path)/\(name)")
        guard try file.status().st_mode & S_IFMT == S_IFREG else {
            throw FileFault(code: EISDIR, "opening", "\(path)/\(name)")
        }
        return file
    }

    /// A file to read and write, made when there is none.
    func madeFile(_ name: String, mode: mode_t) throws(FileFault) -> OpenFile {
        let opened = openat(descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode)
        guard opened >= 0 else { throw FileFault("making", "\(path)/\(name)") }
        return OpenFile(descriptor: opened, name: "\(path)/\(name)")
    }

    /// Nil when something of this name is there.
    func newFile(_ name: String, mode: mode_t) throws(FileFault) -> OpenFile? {
        let opened = openat(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        if opened < 0, errno == EEXIST { return nil }
        guard opened >= 0 else { throw FileFault("making", "\(path)/\(name)") }
        return OpenFile(descriptor: opened, name: "\(path)/\(name)")
    }

    /// When a name was last added or removed.
    func changedAt() throws(FileFault) -> Timestamp {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFault("looking at", path) }
        return Timestamp(
            microseconds: Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1_000)
    }

    /// Waits until the disk has the names in it.
    func sync() throws(FileFault) {
        guard fsync(descriptor) == 0 else { throw FileFault("syncing", path) }
    }

    /// False when there was no such file.
    @discardableResult
    func removeFile(_ name: String) throws(FileFault) -> Bool {
        if unlinkat(descriptor, name, 0) == 0 { return true }
        guard errno == ENOENT else { throw FileFault("deleting", "\(path)/\(name)") }
        return false
    }

    /// True when it was empty and is gone.
    func removeDirectory(_ name: String) -> Bool { unlinkat(descriptor, name, AT_REMOVEDIR) == 0 }

    /// Everything in it but `.` and `..`, in no order.
    func names() throws(FileFault) -> [String] {
        let listed = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard listed >= 0, let stream = fdopendir(listed) else { throw FileFault("listing", path) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
