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
        let port = try Self.freePort()
        url = "http://127.0.0.1:\(port)"
        child = try Child(
            Self.python, ["-m", "oidc_provider_mock", "--port", "\(port)"], files: directory)
        let child = child
        let listens = child.wait(upTo: 30) { Self.answers(port) || child.status != nil }
        try #require(listens && child.status == nil, "the provider did not start: \(child.errors)")
    }

    deinit { _ = child.end(SIGTERM) }

    func browser(_ arguments: String...) throws -> Command {
        try Command.run(Self.python, [Self.script] + arguments)
    }

    private static func freePort() throws -> UInt16 {
        let socket = try bound(to: 0)
        defer { close(socket) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func bound(to port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(port)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isBound)
        return descriptor
    }

    private static func answers(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = Self.address(port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
