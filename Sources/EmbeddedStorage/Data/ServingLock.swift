import Glibc

/// The right to serve a data directory, held for as long as this lives.
///
/// It is a lock of the system on a file (flock), so it cannot outlive its process, and a file left behind means nothing.
package final class ServingLock: Sendable {
    private let file: OpenFile

    init(at directory: DataDirectory) throws(DataDirectoryError) {
        let isFree: Bool
        do throws(FileFault) {
            file = try OpenDirectory(path: directory.path).madeFile("serving.lock", mode: 0o600)
            isFree = try file.tryLock()
            if isFree { try file.replaceContent(with: Array("\(getpid())\n".utf8)) }
        } catch {
            throw DataDirectoryError(error, at: directory.path)
        }
        guard isFree else { throw .alreadyServed(path: directory.path, pid: Self.holder(in: file)) }
    }

    private static func holder(in file: borrowing OpenFile) -> Int32? {
        guard let bytes = try? file.read(upTo: 32) else { return nil }
        return Int32(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}

extension OpenFile {
    fileprivate func replaceContent(with bytes: [UInt8]) throws(FileFault) {
        guard ftruncate(descriptor, 0) == 0 else { throw FileFault("emptying", "serving.lock") }
        try write(bytes)
    }
}
