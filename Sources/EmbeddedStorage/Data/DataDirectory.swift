import Glibc
import RoomStorage

/// Everything a server with embedded stores keeps, in one directory.
///
/// ```
/// <path>/record.sqlite (-wal, -shm)   users, rooms, changes
///        blobs/                       models and backups
///        keys/                        secrets, one file each, for their owner alone
///        serving.lock                 held by the process that serves
/// ```
/// Its calls block for a moment and are meant for the start of a program.
package struct DataDirectory: Sendable {
    package let path: String
    /// Whether others than the owner may look into it: worth a warning, as a record names people.
    package let isOpenToOthers: Bool

    package var recordPath: String { "\(path)/record.sqlite" }
    package var blobsPath: String { "\(path)/blobs" }
    package var keysPath: String { "\(path)/keys" }
    package var lockPath: String { "\(path)/serving.lock" }

    /// Makes the directory (and those above it) when there is none, and makes sure it can be written.
    package init(at path: String) throws(DataDirectoryError) {
        let path = Self.withoutTrailingSlashes(path)
        try Self.make(path)
        do throws(FileFault) {
            let directory = try OpenDirectory(path: path)
            _ = try directory.madeDirectory("blobs")
            _ = try directory.madeDirectory("keys").sweep()
            try directory.probe()
            isOpenToOthers = try directory.permissions() & 0o077 != 0
        } catch {
            throw DataDirectoryError(error, at: path)
        }
        self.path = path
    }

    /// Bytes that can still be written there; nil when the system does not tell.
    package var freeBytes: Int? {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        return Int(facts.f_bavail) * Int(facts.f_frsize)
    }

    /// Takes the directory for serving; let go with the lock, and by the system when the process dies.
    package func serve() throws(DataDirectoryError) -> ServingLock {
        try ServingLock(at: self)
    }

    private static func withoutTrailingSlashes(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        return path.isEmpty ? "." : String(path)
    }

    private static func make(_ path: String) throws(DataDirectoryError) {
        guard mkdir(path, 0o700) != 0 else { return }
        let code = errno
        if code == EEXIST {
            // A link to a directory is fine: the operator made it.
            guard isDirectory(path) else { throw .notADirectory(path) }
        } else if code == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            try make(String(path[..<slash]))
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw DataDirectoryError(FileFault("making", path), at: path)
            }
        } else {
            throw DataDirectoryError(FileFault(code: code, "making", path), at: path)
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

extension OpenDirectory {
    /// Writes a file and removes it: permission bits alone do not tell a full or read-only disk.
    fileprivate func probe() throws(FileFault) {
        let name = "@probe-\(getpid())"
        let file = try madeFile(name, mode: 0o600)
        defer { _ = try? removeFile(name) }
        try file.write([0])
    }

    fileprivate func permissions() throws(FileFault) -> mode_t {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFault("looking at", path) }
        return status.st_mode & 0o777
    }
}

extension DataDirectoryError {
    init(_ fault: FileFault, at path: String) {
        switch fault.code {
        case ENOTDIR, ELOOP, EISDIR: self = .notADirectory(fault.subject)
        default: self = .notWritable(path: path, reason: fault.reason)
        }
    }
}
