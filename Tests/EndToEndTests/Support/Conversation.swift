import EventLoops
import Foundation
import JSONWire
import Testing

@testable import RoomClient

/// One recorded conversation, as `Vectors/Signaling/README.md` describes them.
struct Conversation: CustomTestStringConvertible, Sendable {
    enum Line {
        case says(String, String)
        case hears(String, String)
        case closes(String)
    }

    let sentence: String
    let lines: [Line]

    var testDescription: String { sentence }

    /// All that stand in a folder.
    static func all(in folder: String) -> [Conversation] {
        let place = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Vectors/\(folder)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted().flatMap { name in
            let text = (try? String(contentsOf: place.appending(path: name), encoding: .utf8)) ?? ""
            return ("\n" + text).components(separatedBy: "\n== ").dropFirst().map(Conversation.init)
        }
    }

    private init(_ text: String) {
        let all = text.components(separatedBy: "\n")
        sentence = all.first ?? ""
        lines = all.dropFirst().filter { !$0.isEmpty && !$0.hasPrefix("#") }.map(Self.line)
    }

    private static func line(_ text: String) -> Line {
        let name = String(text.prefix { $0 != ">" && $0 != "<" && $0 != " " })
        let rest = String(text.dropFirst(name.count + 1)).trimmingCharacters(in: .whitespaces)
        switch text.dropFirst(name.count).first {
        case ">": return .says(name, rest)
        case "<": return .hears(name, rest)
        default: return .closes(name)
        }
    }

    /// Holds it with a server.
    func play(_ settings: ClientSettings, _ variables: [String: String], on loop: EventLoop) async throws {
        var sockets: [String: TextSocket] = [:]
        func socket(_ name: String) async throws -> TextSocket {
            if let open = sockets[name] { return open }
            let opened = try await TextSocket.open(settings, on: loop)
            sockets[name] = opened
            return opened
        }
        func filled(_ text: String) -> String {
            variables.reduce(text) { $0.replacingOccurrences(of: "${\($1.key)}", with: $1.value) }
        }
        for line in lines {
            switch line {
            case .says(let name, let text):
                // What was said before, by whomever, is dealt with first.
                for (other, socket) in sockets where other != name { try await socket.settle() }
                try await socket(name).say(filled(text))
            case .hears(let name, let text):
                let heard = try await socket(name).next("\(name): \(text)")
                let expected = try JSONValue.parse(filled(text), maxDepth: 64)
                #expect(expected.stands(for: heard), "\(name) heard \(heard.text) and not \(text)")
            case .closes(let name):
                try await sockets.removeValue(forKey: name)?.finish()
            }
        }
        for socket in sockets.values { try await socket.settle() }
        for (name, socket) in sockets {
            try await socket.settle()
            let rest = await socket.unheard.map(\.text)
            #expect(rest.isEmpty, "\(name) heard more: \(rest)")
            await socket.close()
        }
    }
}

/// A socket that says texts and keeps what it hears.
actor TextSocket {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let settings: ClientSettings
    private var socket: ClientSocket?
    private var isOpen = false
    private var heard: [JSONValue] = []
    private var settled = 0
    private var lastMark = 0
    private var end: ClientFault?

    private init(_ settings: ClientSettings, on loop: EventLoop) {
        self.settings = settings
        self.loop = loop
    }

    static func open(_ settings: ClientSettings, on loop: EventLoop) async throws -> TextSocket {
        let socket = TextSocket(settings, on: loop)
        try await socket.connect()
        try await eventually("an open socket") { await socket.isOpen }
        return socket
    }

    private func connect() throws {
        let socket = ClientSocket(settings) { event in self.assumeIsolated { $0.hear(event) } }
        self.socket = socket
        try socket.connect(on: loop)
    }

    private func hear(_ event: ClientSocket.Event) {
        switch event {
        case .opened: isOpen = true
        case .ended(let fault): end = fault
        case .text(let bytes):
            let value = (try? JSONValue.parse(bytes, maxDepth: 64)) ?? .string("unreadable")
            if value.objectValue?["request_id"]?.stringValue?.hasPrefix("mark-") == true {
                settled += 1
            } else if value != ["type": "ping"] {
                // A worker is pinged whenever its time has come, also in the middle of what is written down.
                heard.append(value)
            }
        }
    }

    func say(_ text: String) { socket?.send(.text, Array(text.utf8)) }

    func next(_ what: String) async throws -> JSONValue {
        try await eventually(what) { !heard.isEmpty }
        return heard.removeFirst()
    }

    /// Waits until the server has dealt with all that was said: it answers a request in its order.
    func settle() async throws {
        lastMark += 1
        let mark = lastMark
        say(#"{"type":"registry_query","command":"none","request_id":"mark-\#(mark)"}"#)
        try await eventually("an answer, or the end: \(String(describing: end))") { settled >= mark }
    }

    /// Closes and waits until the server has, too.
    func finish() async throws {
        close()
        try await eventually("the end") { end != nil }
    }

    var unheard: [JSONValue] { heard }
    func close() { socket?.close() }
}

extension JSONValue {
    var text: String { String(decoding: encoded(), as: UTF8.self) }

    /// Whether a pattern with `*` describes another value.
    func stands(for other: JSONValue) -> Bool {
        switch (self, other) {
        case (.string("*"), _): return true
        case (.string(let pattern), .string(let text)) where pattern.hasSuffix("*"):
            return text.hasPrefix(pattern.dropLast())
        case (.object(let pattern), .object(let object)):
            return Set(pattern.keys) == Set(object.keys)
                && pattern.allSatisfy { name, value in object[name].map(value.stands) ?? false }
        case (.array(let patterns), .array(let values)):
            return patterns.count == values.count && zip(patterns, values).allSatisfy { $0.stands(for: $1) }
        default: return self == other
        }
    }
}
