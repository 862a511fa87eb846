import JSONWire
import RoomCore
import Synchronization
import WireMessages

@testable import RoomService

/// One socket of a test: what it says goes into its room, what it hears is in its channel.
struct Peer: Sendable {
    let room: RoomLoop
    let channel: RecordingChannel
    /// Nil when the room did not take it in.
    let id: SessionID?

    private static let lastRequest = Atomic<Int>(0)

    @discardableResult
    func say(_ text: String) async -> Reception? {
        guard let id else { return nil }
        return await room.hear(text, from: id)
    }

    @discardableResult
    func say(_ message: JSONObject) async -> Reception? {
        await say(String(decoding: JSONValue.object(message).encoded(), as: UTF8.self))
    }

    /// Several messages in one visit to the room: nothing comes between them.
    func say(all messages: [JSONObject]) async {
        guard let id else { return }
        await room.hear(messages.map { String(decoding: JSONValue.object($0).encoded(), as: UTF8.self) }, from: id)
    }

    /// Sends a request and waits for its reply.
    func ask(_ request: JSONObject) async throws -> JSONObject {
        let number = Self.lastRequest.wrappingAdd(1, ordering: .relaxed).newValue
        await say(request.with(["request_id": .string("ask-\(number)")]))
        return try await channel.reply(to: "ask-\(number)")
    }

    func query(_ command: String, _ more: JSONObject = [:]) async throws -> JSONObject {
        try await ask(Self.query(command, more))
    }

    func publish(_ id: String, _ more: JSONObject = [:]) async throws -> JSONObject {
        try await ask(Self.publish(id, more))
    }

    func leave() async {
        if let id { await room.leave(id) }
    }

    func drained() async {
        if let id { await room.drained(id) }
    }

    static func publish(_ id: String, _ more: JSONObject = [:]) -> JSONObject {
        JSONObject(dictionaryLiteral: ("type", "registry_publish"), ("model", .object(.model(id)))).with(more)
    }

    static func query(_ command: String, _ more: JSONObject = [:]) -> JSONObject {
        JSONObject(dictionaryLiteral: ("type", "registry_query"), ("command", .string(command))).with(more)
    }
}

extension JSONObject {
    static func model(_ id: String) -> JSONObject {
        ["id": .string(id), "name": "mouse", "model_type": "centroid", "metrics": ["val_loss": 0.5]]
    }

    func id(_ request: String) -> JSONObject { with(["request_id": .string(request)]) }
}

extension Int {
    /// A model id of eight hexadecimal digits.
    var modelID: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

extension RoomLoop {
    /// A text message as a socket lends it: the bytes are here for the length of the call.
    @discardableResult
    func hear(_ text: String, from id: SessionID) -> Reception {
        Array(text.utf8).withUnsafeBytes { receive(LentBytes($0), from: id) }
    }

    func hear(_ texts: [String], from id: SessionID) {
        for text in texts { hear(text, from: id) }
    }
}
