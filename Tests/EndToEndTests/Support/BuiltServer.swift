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

    struct Starter: Decodable {
        let user_id: String
        let username: String
        let jwt: String
        let account_key: String
        let room_id: String
        let room_name: String
        let worker_token: String?
    }

    let directory = TemporaryDirectory()
    let data: String
    let environment: [String: String]
    private(set) var child: Child?
    private(set) var address = ""

    /// - Parameter data: where its data lies, when it is not in a directory of its own.
    init(data: String? = nil, environment: [String: String] = [:]) {
        self.data = data ?? directory.path("data")
        self.environment = environment
    }

    /// The release binary that `deploy/test` built, else the debug one beside the tests.
    static var binary: String {
        if let path = ProcessInfo.processInfo.environment["SLEAP_ROOMS_TEST_SERVER"] { return path }
        return URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../.build/debug/room-server").standardizedFileURL.path
    }

    /// Starts it and waits until it says it is ready. The port stays the same over restarts.
    @discardableResult
    func start() throws -> Ready {
        let readyFile = directory.path("ready-\(UUID().uuidString).json")
        let child = try Child(
            Self.binary,
            [
                "serve", "--data", data, "--listen", address.isEmpty ? "127.0.0.1:0" : address, "--ready-file",
                readyFile,
            ], environment: environment, files: directory)
        self.child = child
        let isReady = child.wait(upTo: 20) {
            FileManager.default.fileExists(atPath: readyFile) || child.status != nil
        }
        try #require(isReady && child.status == nil, "the server did not start: \(child.errors)")
        let ready = try JSONDecoder().decode(Ready.self, from: Data(contentsOf: URL(filePath: readyFile)))
        address = String(ready.http.dropFirst("http://".count))
        return ready
    }

    var http: String { "http://\(address)" }
    var ws: String { "ws://\(address)/" }
    var log: String { child?.errors ?? "" }

    /// `kill -9`, as a crash or an impatient scheduler would.
    func kill() { _ = child?.end(SIGKILL) }

    /// Asks for the end and gives the exit code.
    func terminate() -> Int32? { child?.end(SIGTERM)?.code }

    /// Runs `bootstrap` on this server's data, whether it runs or not.
    func bootstrap(
        user: String = "alice", room: String = "lab-mice", worker: String? = "gpu-1",
        environment more: [String: String] = [:]
    ) throws -> Starter {
        var arguments = ["bootstrap", "--data", data, "--user", user, "--room", room, "--json"]
        if let worker { arguments += ["--worker", worker] }
        let run = try Command.run(
            Self.binary, arguments, environment: environment.merging(more) { _, own in own })
        try #require(run.status == 0, "bootstrap failed: \(run.errors)")
        return try JSONDecoder().decode(Starter.self, from: Data(run.output.utf8))
    }
}
