import Foundation
import Testing

/// `oidc-provider-mock` (https://pypi.org/project/oidc-provider-mock/) as a process of its own: a real provider whose
/// people are whoever they say.
final class Provider {
    let url: String
    private let child: Child
    private let directory = TemporaryDirectory()

    static var python: String { ProcessInfo.processInfo.environment["SLEAP_ROOMS_TEST_PYTHON"] ?? "/usr/bin/python3" }
    private static var script: String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../python/browser.py").standardizedFileURL
            .path
    }

    init() throws {
        let port = Loopback.freePort()
        url = "http://127.0.0.1:\(port)"
        child = try Child(
            Self.python, ["-m", "oidc_provider_mock", "--port", "\(port)"], files: directory)
        let child = child
        let listens = child.wait(upTo: 30) { Loopback.answers(port) || child.status != nil }
        try #require(listens && child.status == nil, "the provider did not start: \(child.errors)")
    }

    deinit { _ = child.end(SIGTERM) }

    func browser(_ arguments: String...) throws -> Command {
        try Command.run(Self.python, [Self.script] + arguments)
    }
}
