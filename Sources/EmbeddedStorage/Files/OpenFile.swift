import Glibc

/// An open file, closed when it goes.
struct OpenFile: ~Copyable, Sendable {
    let descriptor: Int32
    private let name: String

    init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) throws(FileFault) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                raw.baseAddress.map { Glibc.write(descriptor, $0 + written, raw.count - written) } ?? 0
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                throw FileFault("writing", name)
            }
        }
    }

    /// - Parameter limit: the most bytes that may be there.
    func read(upTo limit: Int) throws(FileFault) -> [UInt8] {
        let size = try size()
        guard size <= limit else { throw FileFault(code: EFBIG, "reading", name) }
        var fault: FileFault?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size, let start = buffer.baseAddress {
                let count = Glibc.read(descriptor, start + filled, size - filled)
                if count > 0 {
                    filled += count
                } else if count == 0 {
                    break
                } else if errno != EINTR {
                    fault = FileFault("reading", name)
                    break
                }
            }
        }
        if let fault { throw fault }
        return bytes
    }

    func size() throws(FileFault) -> Int { Int(try status().st_size) }

    /// The permission bits: read, write, execute for owner, group and others.
    func permissions() throws(FileFault) -> mode_t { try status().st_mode & 0o777 }

    func status() throws(FileFault) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFault("looking at", name) }
        return status
    }

    /// Waits until the disk has it.
    func sync() throws(FileFault) {
        guard fsync(descriptor) == 0 else { throw FileFault("syncing", name) }
    }

    /// Waits until nobody else holds the lock.
    func lock() throws(FileFault) {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw FileFault("locking", name) }
        }
    }

    /// True when nobody else holds the lock; it is let go with the file, also when the process is killed.
    func tryLock() throws(FileFault) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw FileFault("locking", name) }
        return false
    }
}
