import Dispatch
import Glibc
import RoomStorage

/// A file of the directory, open for reading: it stays whole also when another takes its place meanwhile.
final class StandingFile: FileReading {
    let size: Int
    let tag: BlobTag
    private let file: OpenFile
    private let queue = DispatchQueue(label: "blobs.standing")

    /// Nil when there is nothing at the key.
    init?(_ blobs: DirectoryBlobs, _ key: BlobKey) throws(FileFault) {
        guard let file = try blobs.file(at: key) else { return nil }
        let status = try file.status()
        self.file = file
        size = Int(status.st_size)
        // A file is never changed in place, so its number, moment and size tell its versions apart.
        tag = BlobTag("\(status.st_ino)-\(status.st_mtim.tv_sec)-\(status.st_mtim.tv_nsec)-\(status.st_size)")
    }

    func read(from offset: Int, count: Int) async throws(ServedFileFault) -> [UInt8] {
        let result: Result<[UInt8], FileFault> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(
                    returning: Result { () throws(FileFault) in try self.file.piece(at: offset, count: count) })
            }
        }
        do throws(FileFault) {
            return try result.get()
        } catch {
            throw .store(StoreError(error))
        }
    }
}

extension OpenFile {
    private static let pieceBytes = 1 << 20

    /// As many bytes as are there, at most `count`.
    func piece(at offset: Int, count: Int) throws(FileFault) -> [UInt8] {
        var fault: FileFault?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let start = buffer.baseAddress {
                let got = pread(descriptor, start + filled, count - filled, off_t(offset + filled))
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    break
                } else if errno != EINTR {
                    fault = FileFault("reading", "a file")
                    break
                }
            }
        }
        if let fault { throw fault }
        return bytes
    }

    /// Gives the whole file piece by piece, and how many bytes that were.
    func eachPiece(_ body: ([UInt8]) throws(FileFault) -> Void) throws(FileFault) -> Int {
        var offset = 0
        while true {
            let bytes = try piece(at: offset, count: Self.pieceBytes)
            if bytes.isEmpty { return offset }
            try body(bytes)
            offset += bytes.count
        }
    }
}

// MARK: - Parts

extension DirectoryBlobs {
    /// `@` is no character of a key, so parts are not listed with the blobs.
    static let partsName = "@parts"

    /// Work that may take long waits for nobody's turn and holds nobody up.
    func runAside<Answer: Sendable>(
        _ body: @escaping @Sendable (DirectoryBlobs) throws(FileFault) -> Answer
    ) async throws(StoreError) -> Answer {
        let result: Result<Answer, FileFault> = await withCheckedContinuation { continuation in
            DispatchQueue(label: "blobs.aside").async {
                continuation.resume(returning: Result { () throws(FileFault) in try body(self) })
            }
        }
        return try result.mapError(StoreError.init).get()
    }

    func partsDirectory(_ parts: PartsID) throws(FileFault) -> OpenDirectory? {
        guard BlobKey(parts.text) != nil, !parts.text.utf8.contains(UInt8(ascii: "/")),
            let all = try root.directory(Self.partsName)
        else { return nil }
        return try all.directory(parts.text)
    }

    /// Nil when the upload is not known.
    func parts(_ parts: PartsID) throws(FileFault) -> [StoredPart]? {
        guard let directory = try partsDirectory(parts) else { return nil }
        var found: [StoredPart] = []
        for name in try directory.names() {
            guard let number = Int(name.dropLast()), name.last == "@", let file = try directory.file(name) else {
                continue
            }
            let size = try file.size()
            found.append(StoredPart(number: number, size: size, tag: BlobTag("\(number)-\(size)")))
        }
        return found.sorted { $0.number < $1.number }
    }

    func removeParts(_ parts: PartsID) throws(FileFault) {
        guard let directory = try partsDirectory(parts), let all = try root.directory(Self.partsName) else { return }
        for name in try directory.names() { try directory.removeFile(name) }
        _ = all.removeDirectory(parts.text)
    }
}
