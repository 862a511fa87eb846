import Foundation
import Testing

/// The built `room-server` as a process of its own, on a free port and a data directory.
final class BuiltServer {
    struct Ready: Decodable {
        let pid: Int32
        let http: String
        let ws: String
        let version: String
    }

    let data: TemporaryDirectory
    private let extra: [String: String]
    private(set) var process: Process?
    private(set) var address = ""

    init(_ data: TemporaryDirectory = TemporaryDirectory(), environment: [String: String] = [:]) {
        self.data = data
        extra = environment
    }

    deinit { kill() }

    /// The release binary that `deploy/test` built, else the debug one beside the tests.
    static var binary: String {
        if let path = ProcessInfo.processInfo.environment["SLEAP_ROOMS_TEST_SERVER"] { return path }
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../.build/debug/room-server")
        return root.standardizedFileURL.path
    }

    /// Starts it and waits until it says it is ready. The port stays the same over restarts.
    @discardableResult
    func start(timeout: TimeInterval = 20) throws -> Ready {
        let readyFile = data.path("ready-\(UUID().uuidString).json")
        let process = Process()
        process.executableURL = URL(filePath: Self.binary)
        process.arguments = [
            "serve", "--data", data.path("data"), "--listen", address.isEmpty ? "127.0.0.1:0" : address,
            "--ready-file", readyFile,
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(extra) { _, new in new }
        FileManager.default.createFile(atPath: logPath, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: logPath)
        try process.run()
        self.process = process
        let deadline = Date(timeIntervalSinceNow: timeout)
        while !FileManager.default.fileExists(atPath: readyFile) {
            try #require(process.isRunning, "the server ended: \(log)")
            try #require(Date() < deadline, "the server was not ready in time: \(log)")
            usleep(2000)
        }
        let ready = try JSONDecoder().decode(Ready.self, from: Data(contentsOf: URL(filePath: readyFile)))
        address = String(ready.http.dropFirst("http://".count))
        return ready
    }

    private var logPath: String { data.path("server.log") }
    var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }
    var http: String { "http://\(address)" }
    var ws: String { "ws://\(address)/" }

    /// `kill -9`, as a crash or an impatient scheduler would.
    func kill() {
        guard let process, process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks for the end and gives the exit code.
    func terminate() -> Int32 {
        guard let process else { return -1 }
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    struct Starter: Decodable {
        let user_id: String
        let username: String
        let jwt: String
        let account_key: String
        let room_id: String
        let room_name: String
        let worker_token: String?
    }

    /// Runs `bootstrap` on this server's data, whether it runs or not.
    func bootstrap(user: String = "alice", room: String = "lab-mice", worker: String? = "gpu-1") throws -> Starter {
        var arguments = ["bootstrap", "--data", data.path("data"), "--user", user, "--room", room, "--json"]
        if let worker { arguments += ["--worker", worker] }
        let run = try Command.run(Self.binary, arguments)
        try #require(run.status == 0, "bootstrap failed: \(run.errors)")
        return try JSONDecoder().decode(Starter.self, from: Data(run.output.utf8))
    }
}

/// One run of a program to its end.
struct Command {
    let status: Int32
    let output: String
    let errors: String

    static func run(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], in directory: String? = nil
    ) throws -> Command {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        let scratch = TemporaryDirectory()
        let outputs = [scratch.path("out"), scratch.path("err")]
        for output in outputs { FileManager.default.createFile(atPath: output, contents: nil) }
        process.standardOutput = FileHandle(forWritingAtPath: outputs[0])
        process.standardError = FileHandle(forWritingAtPath: outputs[1])
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return Command(
            status: process.terminationStatus, output: try String(contentsOfFile: outputs[0], encoding: .utf8),
            errors: try String(contentsOfFile: outputs[1], encoding: .utf8))
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
