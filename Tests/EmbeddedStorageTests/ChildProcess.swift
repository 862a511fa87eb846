import Dispatch
import Glibc
import Synchronization
import Testing

/// A program this test started, with its output.
final class ChildProcess: Sendable {
    private let pid: pid_t
    private let output: Int32
    private let status = Mutex<Int32>(-1)

    init(_ program: String, _ arguments: [String]) throws {
        // One at a time, so that no child is left holding the pipe of another.
        (pid, output) = try Self.starting.withLock { _ in try Self.start(program, arguments) }
    }

    private static let starting = Mutex(())

    private static func start(_ program: String, _ arguments: [String]) throws -> (pid_t, Int32) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        var child = pid_t()
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let code = posix_spawn(&child, program, &actions, nil, words, environ)
        close(ends[1])
        try #require(code == 0, "starting \(program)")
        return (child, ends[0])
    }

    /// Kills it (SIGKILL) once it wrote so many lines; gives all lines it got out whole.
    func lines(killedAfter count: Int) async -> [String] {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: self.readLines(killedAfter: count)) }
        }
    }

    /// Waits for it to end by itself.
    func exitCode() async -> Int32 {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                _ = self.readLines(killedAfter: .max)
                continuation.resume(returning: self.status.withLock { $0 })
            }
        }
    }

    private func readLines(killedAfter count: Int) -> [String] {
        var text: [UInt8] = []
        var lines = 0
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while case let size = read(output, &chunk, chunk.count), size > 0 {
            text += chunk[..<size]
            lines += chunk[..<size].count { $0 == UInt8(ascii: "\n") }
            if lines >= count { kill(pid, SIGKILL) }
        }
        close(output)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        self.status.withLock { $0 = status }
        let whole = text.lastIndex(of: UInt8(ascii: "\n")).map { text[..<$0] } ?? []
        return whole.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A program of this package, built beside the bundle of its tests.
    static func sibling(_ name: String) throws -> String {
        let arguments = CommandLine.arguments
        let flag = arguments.firstIndex(of: "--test-bundle-path")
        let bundle = flag.flatMap { $0 + 1 < arguments.count ? arguments[$0 + 1] : nil } ?? arguments[0]
        let folder = try #require(bundle.lastIndex(of: "/").map { bundle[...$0] })
        return "\(folder)\(name)"
    }
}
