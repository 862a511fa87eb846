import Dispatch
import Glibc

/// Reads files that are small and may change while we run; on a queue, for disks block.
enum SmallFile {
    private static let queue = DispatchQueue(label: "s3.credentials.files")
    static let sizeLimit = 1 << 20

    static func read(_ path: String) async throws(CredentialsFault) -> String {
        let result: Result<String, CredentialsFault> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Result { () throws(CredentialsFault) in try readNow(path) })
            }
        }
        return try result.get()
    }

    private static func readNow(_ path: String) throws(CredentialsFault) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadableFile(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadableFile(path: path, reason: String(cString: strerror(errno))) }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece.prefix(count)
            guard bytes.count <= sizeLimit else { throw .unreadableFile(path: path, reason: "more than a megabyte") }
        }
    }
}
