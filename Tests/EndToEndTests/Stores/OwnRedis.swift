import Foundation
import Testing

/// A Redis of one test's own, to be killed, flushed and filled.
final class OwnRedis {
    let port = Loopback.freePort()
    private let files: TemporaryDirectory
    private let arguments: [String]
    private var child: Child?

    init(_ files: TemporaryDirectory, _ arguments: [String] = []) throws {
        self.files = files
        self.arguments = arguments
        try start()
    }

    var url: String { "redis://127.0.0.1:\(port)/0" }

    func start() throws {
        let child = try Child(
            "/usr/bin/env",
            ["redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
                + arguments,
            files: files)
        self.child = child
        let answers = child.wait(upTo: 20) { (try? ask("PING"))?.isEmpty == false || child.status != nil }
        try #require(answers && child.status == nil, "redis-server did not start: \(child.output)")
    }

    func kill() { _ = child?.end(SIGKILL) }

    @discardableResult
    func ask(_ words: String...) throws -> String {
        try Command.run("/usr/bin/env", ["redis-cli", "-p", "\(port)"] + words).output
    }
}
