import Glibc
import RoomStorage
import Synchronization
import Testing

@testable import RedisStorage

/// A Redis of the test's own on a loopback port, which it may kill, pause and start again.
final class RedisServer: Sendable {
    let port: Int
    private let arguments: [String]
    private let pid = Mutex<pid_t>(0)

    static let isInstalled = access("/usr/bin/redis-server", X_OK) == 0

    /// - Parameter arguments: more options, or first the path of a configuration file.
    init(port: Int = freePort(), _ arguments: [String] = []) async throws {
        self.port = port
        self.arguments = arguments
        try await start()
    }

    deinit { kill() }

    var url: RedisURL { get throws { try RedisURL("redis://127.0.0.1:\(port)") } }

    func start() async throws {
        let words =
            ["/usr/bin/redis-server"] + arguments + [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp",
            ]
        try pid.withLock { try $0 = Self.spawn(words) }
        for _ in 0..<200 where !Self.isListening(port) { try await Task.sleep(for: .milliseconds(20)) }
        try #require(Self.isListening(port), "redis-server did not start on port \(port)")
    }

    func kill() {
        pid.withLock { pid in
            guard pid > 0 else { return }
            Glibc.kill(pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            pid = 0
        }
    }

    func pause() { pid.withLock { _ = Glibc.kill($0, SIGSTOP) } }
    func resume() { pid.withLock { _ = Glibc.kill($0, SIGCONT) } }

    private static func spawn(_ words: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for number in 0...2 { posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", O_RDWR, 0) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A Dispatch thread blocks signals, and a child would inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let argv = words.map { strdup($0) } + [nil]
        defer { for word in argv { free(word) } }
        var pid: pid_t = 0
        try #require(posix_spawn(&pid, words[0], &actions, &attributes, argv, environ) == 0)
        return pid
    }

    private static func isListening(_ port: Int) -> Bool {
        withLoopbackSocket(port: port) { number, address, size in connect(number, address, size) == 0 }
    }
}

func freePort() -> Int {
    for _ in 0..<100 {
        let port = Int.random(in: 11_000..<32_000)
        if withLoopbackSocket(port: port, { number, address, size in bind(number, address, size) == 0 }) { return port }
    }
    return 0
}

/// Closed when a program is started, which would otherwise keep the port.
private func withLoopbackSocket(
    port: Int, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
) -> Bool {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(number) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
