import Cryptography
import Dispatch
import Glibc
import RoomStorage
import Synchronization

/// A file on its way into the directory: written piece by piece under a name nobody else uses, hashed on the way.
///
/// Each piece is written on a queue of its own, so neither loops nor Swift's threads wait for the disk. What is let go
/// of unfinished is removed, and after a crash by the next start's sweep.
final class ArrivingFile: FileArrival {
    /// Where the file goes once it is whole.
    struct Goal: Sendable {
        let directories: [String]
        let name: String
        let expectedSize: Int
        /// 64 hex digits; nil for a part, which is verified with its file.
        let expectedDigest: String?
    }

    private struct Progress: ~Copyable {
        let staged: StagedFile
        var hash = SHA256Stream()
        var size = 0
    }

    private let blobs: DirectoryBlobs
    private let goal: Goal
    private let queue = DispatchQueue(label: "blobs.arriving")
    private let progress: Mutex<Progress?>

    init(_ blobs: DirectoryBlobs, goal: Goal) throws(FileFault) {
        self.blobs = blobs
        self.goal = goal
        progress = Mutex(Progress(staged: try blobs.staging.stagedFile(mode: 0o600)))
    }

    deinit { discard() }

    func write(_ bytes: [UInt8]) async throws(ServedFileFault) {
        try await run { arriving throws(ServedFileFault) in try arriving.take(bytes) }
    }

    func finish() async throws(ServedFileFault) -> BlobTag {
        try await run { arriving throws(ServedFileFault) in try arriving.place() }
    }

    func cancel() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.discard()
                continuation.resume()
            }
        }
    }

    private func run<Answer: Sendable>(
        _ body: @escaping @Sendable (ArrivingFile) throws(ServedFileFault) -> Answer
    ) async throws(ServedFileFault) -> Answer {
        let result: Result<Answer, ServedFileFault> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Result { () throws(ServedFileFault) in try body(self) })
            }
        }
        return try result.get()
    }

    // MARK: On the queue

    private func take(_ bytes: [UInt8]) throws(ServedFileFault) {
        let fault = progress.withLock { progress -> ServedFileFault? in
            guard progress != nil else { return .notFound }
            let size = (progress?.size ?? 0) + bytes.count
            guard size <= goal.expectedSize else { return .wrongSize(expected: goal.expectedSize, found: size) }
            do throws(FileFault) {
                try progress?.staged.file.write(bytes)
            } catch {
                return .store(StoreError(error))
            }
            progress?.hash.update(bytes)
            progress?.size = size
            return nil
        }
        if let fault { throw fault }
    }

    private func place() throws(ServedFileFault) -> BlobTag {
        guard let progress = taken() else { throw .notFound }
        let staged = progress.staged
        let size = progress.size
        let digest = progress.hash.hex()
        do throws(ServedFileFault) {
            guard size == goal.expectedSize else { throw .wrongSize(expected: goal.expectedSize, found: size) }
            guard goal.expectedDigest.map({ $0 == digest }) ?? true else { throw .wrongDigest }
            do throws(FileFault) {
                try staged.file.sync()
                try blobs.put(staged.name, as: goal.name, in: goal.directories)
            } catch {
                throw .store(StoreError(error))
            }
        } catch {
            _ = try? blobs.staging.removeFile(staged.name)
            throw error
        }
        return BlobTag(String(digest.prefix(32)))
    }

    private func taken() -> Progress? {
        progress.withLock { progress in
            var taken: Progress?
            swap(&taken, &progress)
            return taken
        }
    }

    private func discard() {
        guard let progress = taken() else { return }
        _ = try? blobs.staging.removeFile(progress.staged.name)
    }
}

extension DirectoryBlobs {
    /// Names a file that is whole and on the disk; directories that another process removes meanwhile are made again.
    func put(_ staged: String, as name: String, in directories: [String]) throws(FileFault) {
        var attempts = 0
        while true {
            do throws(FileFault) {
                var directory = try root.again()
                for segment in directories { directory = try directory.madeDirectory(segment) }
                _ = try directory.place(staged, as: name, .replacing, staging: staging)
                return try directory.sync()
            } catch {
                attempts += 1
                guard error.code == ENOENT, attempts < 8 else { throw error }
            }
        }
    }
}
