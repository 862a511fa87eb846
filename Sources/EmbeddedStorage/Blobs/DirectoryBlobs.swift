import Dispatch
import Glibc
import RoomCore
import RoomStorage

/// Blobs as files below one directory.
///
/// ```
/// rooms/ab12/snapshots/17   →   <root>/rooms/ab12/snapshots/17@
/// (being written)           →   <root>/@arriving/@new-1234-7
/// ```
/// `@` is no character of a key, so the file of `a` and the directory of `a/b` do not collide. Symbolic links below the
/// root are never followed. Several processes may use one root. The file system must have hard links.
package final class DirectoryBlobs: BlobStore {
    let root: OpenDirectory
    let staging: OpenDirectory
    /// Work on one key stays in order; work on several goes side by side.
    private let queues: [DispatchQueue]
    let sizeLimit: Int

    /// Opens a directory that exists, and removes what a crash left unfinished in it. Blocks; meant for the start.
    ///
    /// - Parameter sizeLimit: the most bytes of one blob.
    package init(at path: String, lanes: Int = 4, sizeLimit: Int = 4 << 30) throws(StoreError) {
        do throws(FileFault) {
            root = try OpenDirectory(path: path)
            staging = try root.madeDirectory("@arriving")
            try staging.sweep()
        } catch {
            throw StoreError(error)
        }
        queues = (0..<max(1, lanes)).map { DispatchQueue(label: "blobs.\($0)") }
        self.sizeLimit = sizeLimit
    }

    package func store(_ bytes: [UInt8], at key: BlobKey) async throws(StoreError) {
        _ = try await run(at: key) { blobs throws(FileFault) in try blobs.place(bytes, at: key, .replacing) }
    }

    package func storeIfAbsent(_ bytes: [UInt8], at key: BlobKey) async throws(StoreError) -> Bool {
        try await run(at: key) { blobs throws(FileFault) in try blobs.place(bytes, at: key, .ifAbsent) }
    }

    package func load(_ key: BlobKey) async throws(StoreError) -> [UInt8]? {
        try await run(at: key) { blobs throws(FileFault) in
            guard let file = try blobs.file(at: key) else { return nil }
            return try file.read(upTo: blobs.sizeLimit)
        }
    }

    package func size(of key: BlobKey) async throws(StoreError) -> Int? {
        try await run(at: key) { blobs throws(FileFault) in
            guard let file = try blobs.file(at: key) else { return nil }
            return try file.size()
        }
    }

    package func delete(_ key: BlobKey) async throws(StoreError) {
        try await run(at: key) { blobs throws(FileFault) in try blobs.remove(key) }
    }

    package func list(
        prefix: String, after key: BlobKey?, limit: Int
    ) async throws(StoreError) -> [BlobKey] {
        try await run(at: key) { blobs throws(FileFault) in
            var listing = BlobListing(prefix: prefix, after: key, limit: max(0, limit))
            try listing.visit(blobs.root, at: "")
            return listing.keys
        }
    }

    package func describe(
        prefix: String, after key: BlobKey?, limit: Int
    ) async throws(StoreError) -> [BlobDescription] {
        try await run(at: key) { blobs throws(FileFault) in
            var listing = BlobListing(prefix: prefix, after: key, limit: max(0, limit))
            try listing.visit(blobs.root, at: "")
            var found: [BlobDescription] = []
            for key in listing.keys {
                // Deleted since it was listed: it is not there.
                guard let status = try blobs.file(at: key)?.status() else { continue }
                let modified = Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1_000
                found.append(
                    BlobDescription(
                        key: key, size: Int(status.st_size), modifiedAt: Timestamp(microseconds: modified)))
            }
            return found
        }
    }

    func run<Answer: Sendable>(
        at key: BlobKey?, _ body: @escaping @Sendable (DirectoryBlobs) throws(FileFault) -> Answer
    ) async throws(StoreError) -> Answer {
        let queue = queues[Int(key.hashValue.magnitude % UInt(queues.count))]
        let result: Result<Answer, FileFault> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Result { () throws(FileFault) in try body(self) })
            }
        }
        return try result.mapError(StoreError.init).get()
    }
}

// MARK: - On a queue

extension DirectoryBlobs {
    /// Another process may remove an emptied directory between our making it and using it: then it is made again.
    func place(_ bytes: [UInt8], at key: BlobKey, _ placing: Placing) throws(FileFault) -> Bool {
        guard bytes.count <= sizeLimit else { throw FileFault(code: EFBIG, "storing", key.path) }
        var attempts = 0
        while true {
            do throws(FileFault) {
                return try placeOnce(bytes, at: key, placing)
            } catch {
                attempts += 1
                guard error.code == ENOENT, attempts < 8 else { throw error }
            }
        }
    }

    private func placeOnce(_ bytes: [UInt8], at key: BlobKey, _ placing: Placing) throws(FileFault) -> Bool {
        var directory = try root.again()
        for segment in key.directories { directory = try directory.madeDirectory(segment) }
        return try directory.place(bytes, as: key.fileName, mode: 0o600, placing, staging: staging)
    }

    func file(at key: BlobKey) throws(FileFault) -> OpenFile? {
        var directory = try root.again()
        for segment in key.directories {
            guard let next = try directory.directory(segment) else { return nil }
            directory = next
        }
        return try directory.file(key.fileName)
    }

    private func remove(_ key: BlobKey) throws(FileFault) {
        try remove(key.fileName, below: root, along: key.directories[...])
    }

    /// Removes a file, and on the way back every directory that this left empty.
    private func remove(
        _ name: String, below directory: borrowing OpenDirectory, along segments: ArraySlice<String>
    ) throws(FileFault) {
        guard let segment = segments.first else {
            if try directory.removeFile(name) { try directory.sync() }
            return
        }
        guard let next = try directory.directory(segment) else { return }
        try remove(name, below: next, along: segments.dropFirst())
        _ = directory.removeDirectory(segment)
    }
}

extension BlobKey {
    var directories: [String] { path.split(separator: "/").dropLast().map(String.init) }

    var fileName: String { (path.split(separator: "/").last ?? "") + "@" }
}

extension StoreError {
    init(_ fault: FileFault) {
        switch fault.code {
        case ENOSPC, EDQUOT: self = .unavailable("\(fault.sentence): free some space")
        case EACCES, EPERM, EROFS:
            self = .unavailable("\(fault.sentence): give this user the right to read and write there")
        case ENOTDIR, ELOOP, EISDIR:
            self = .corrupt("\(fault.sentence): something else stands where a blob belongs, move it away")
        default: self = .unavailable(fault.sentence)
        }
    }
}
