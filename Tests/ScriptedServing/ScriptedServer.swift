import Dispatch
import Glibc
import Synchronization

/// A real HTTP server on a loopback port that answers as a test says: the misbehaviour no well-kept server shows.
///
/// Each connection has a thread of its own and may carry several requests. It serves until it is stopped, or the test
/// program ends: letting go of it changes nothing, so a test need not hold it beyond reading its address.
package final class ScriptedServer: Sendable {
    package let port: UInt16
    private let listener: Int32
    private let script: @Sendable (ScriptedRequest) -> ScriptedReply
    private let seen = Mutex(Seen())

    private struct Seen {
        var requests: [ScriptedRequest] = []
        var connections = 0
    }

    /// - Parameter port: 0 for any that is free.
    package init(
        port wanted: UInt16 = 0, script: @escaping @Sendable (ScriptedRequest) -> ScriptedReply
    ) throws(ScriptedFault) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = wanted.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard isBound else { throw ScriptedFault(code: errno) }
        port = UInt16(bigEndian: address.sin_port)
        self.listener = listener
        self.script = script
        startThread { self.acceptAll() }
    }

    /// Refuses connections from now on; those that stand go on.
    package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func acceptAll() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            seen.withLock { $0.connections += 1 }
            startThread { self.serve(connection) }
        }
        close(listener)
    }

    package var url: String { "http://127.0.0.1:\(port)" }
    package var requests: [ScriptedRequest] { seen.withLock { $0.requests } }
    package var connections: Int { seen.withLock { $0.connections } }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var buffer: [UInt8] = []
        while let request = readRequest(connection, &buffer) {
            let number = seen.withLock { seen in
                seen.requests.append(request)
                return seen.requests.count
            }
            let reply = script(request.numbered(number))
            var rest = reply.bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
            switch reply.afterwards {
            case .keep: continue
            case .close: return
            case .hang:
                var byte: UInt8 = 0
                while recv(connection, &byte, 1, 0) > 0 {}
                return
            }
        }
    }

    private func readRequest(_ connection: Int32, _ buffer: inout [UInt8]) -> ScriptedRequest? {
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let request = ScriptedRequest(taking: &buffer) { return request }
            let count = recv(connection, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            buffer += piece.prefix(count)
        }
    }
}

package struct ScriptedFault: Error { package let code: Int32 }

/// What a client sent.
package struct ScriptedRequest: Sendable {
    /// From 1, in order of arrival.
    package private(set) var number = 0
    package let method: String
    package let target: String
    package let headers: [String: String]
    package let body: [UInt8]

    /// Nil while the request is not whole.
    init?(taking buffer: inout [UInt8]) {
        guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n").map(String.init)
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        let size = headers["content-length"].flatMap { Int($0) } ?? 0
        guard buffer.count >= end.upperBound + size else { return nil }
        (method, target) = (words[0], words[1])
        self.headers = headers
        body = Array(buffer[end.upperBound..<end.upperBound + size])
        buffer.removeFirst(end.upperBound + size)
    }

    func numbered(_ number: Int) -> ScriptedRequest {
        var request = self
        request.number = number
        return request
    }
}

/// What the server does with a request.
package struct ScriptedReply: Sendable {
    package enum Afterwards: Sendable { case keep, close, hang }

    let bytes: [UInt8]
    let afterwards: Afterwards

    /// Bytes as they are, whether HTTP or not.
    package init(raw bytes: [UInt8], afterwards: Afterwards = .close) {
        self.bytes = bytes
        self.afterwards = afterwards
    }

    package init(
        _ status: Int, headers: [String] = [], body: [UInt8] = [], afterwards: Afterwards = .keep
    ) {
        let lines = ["HTTP/1.1 \(status) S", "Content-Length: \(body.count)"] + headers
        self.init(
            raw: Array(lines.joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8) + body, afterwards: afterwards)
    }

    package static func text(_ status: Int, _ text: String, headers: [String] = []) -> ScriptedReply {
        ScriptedReply(status, headers: headers, body: Array(text.utf8))
    }
}

/// Not a queue's thread, of which there are few: these wait.
private func startThread(_ body: @escaping @Sendable () -> Void) {
    let start = ThreadStart(body)
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(start).toOpaque())
    pthread_detach(thread)
}

private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
