import Foundation
import Synchronization
import Testing

/// A child process with a clean signal mask, its output in files, and no wait without a limit.
///
/// Foundation's `Process` hands its own thread's blocked signals down, so that `SIGTERM` never arrives.
final class Child: Sendable {
    struct Exit: Equatable {
        /// The exit code, or minus the signal that ended it.
        let code: Int32
    }

    let pid: pid_t
    private let outputPath: String
    private let errorPath: String
    private let exit = Mutex<Exit?>(nil)

    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], files: TemporaryDirectory
    ) throws {
        outputPath = files.path("out-\(UUID().uuidString)")
        errorPath = files.path("err-\(UUID().uuidString)")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, outputPath, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errorPath, O_WRONLY | O_CREAT, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let variables = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        // A preloaded library may move the environment before main, beside which Swift looks for its arguments: `env`
        // lets it do so in another program, and then becomes the one that is meant.
        let words = variables["LD_PRELOAD"] == nil ? [program] : ["/usr/bin/env", program]
        var argv = (words + arguments).map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, words[0], &actions, &attributes, &argv, &envp)
        try #require(code == 0, "\(program) could not be started: \(String(cString: strerror(code)))")
        self.pid = pid
    }

    deinit {
        if status == nil { _ = end(SIGKILL) }
    }

    var output: String { (try? String(contentsOfFile: outputPath, encoding: .utf8)) ?? "" }
    var errors: String { (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "" }

    /// How it ended; nil while it runs.
    var status: Exit? {
        exit.withLock { exit in
            if let exit { return exit }
            var raw: Int32 = 0
            guard waitpid(pid, &raw, WNOHANG) == pid else { return nil }
            exit = Exit(code: raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F))
            return exit
        }
    }

    /// Waits for something about it, at most for a time.
    func wait(upTo seconds: TimeInterval = 30, until isTrue: () -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while !isTrue() {
            guard Date() < deadline else { return false }
            usleep(2000)
        }
        return true
    }

    /// Sends a signal and gives how it ended; a child that takes longer than the limit is killed, and that shows.
    func end(_ signal: Int32, upTo seconds: TimeInterval = 30) -> Exit? {
        if status == nil { kill(pid, signal) }
        return finished(upTo: seconds)
    }

    func finished(upTo seconds: TimeInterval = 60) -> Exit? {
        if !wait(upTo: seconds, until: { status != nil }) {
            kill(pid, SIGKILL)
            _ = wait(upTo: 5) { status != nil }
        }
        return status
    }
}

/// One run of a program to its end.
struct Command {
    let status: Int32?
    let output: String
    let errors: String

    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Command {
        let files = TemporaryDirectory()
        let child = try Child(program, arguments, environment: environment, files: files)
        let exit = child.finished()
        return Command(status: exit?.code, output: child.output, errors: child.errors)
    }
}

/// A directory that goes with its owner.
final class TemporaryDirectory: Sendable {
    let root: String

    init() {
        root = NSTemporaryDirectory() + "sleap-rooms-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func path(_ name: String) -> String { "\(root)/\(name)" }
}
