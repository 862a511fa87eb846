import JSONWire
import RoomCore
import Testing
import WireMessages

/// Texts as they travel, to and from the types.
enum Vectors {
    static let digest = String(repeating: "a", count: 64)

    static func object(_ text: String) throws -> JSONObject {
        try #require(try JSONValue.parse(text, maxDepth: 64).objectValue)
    }

    /// Decodes a request the way the service does.
    static func request(_ text: String, limits: WireLimits = WireLimits()) throws -> RegistryRequest {
        let object = try object(text)
        let type = try #require(object["type"]?.stringValue.flatMap(MessageType.init(rawValue:)))
        return try RegistryRequest(type, object, limits: limits, sha256: { _ in digest })
    }

    static func write(_ text: String) throws -> (WriteRequest, IdempotencyKey?) {
        guard case .write(let write, let key) = try request(text) else { throw Unexpected(text: text) }
        return (write, key)
    }

    static func query(_ text: String) throws -> RegistryQuery {
        guard case .query(let query) = try request(text) else { throw Unexpected(text: text) }
        return query
    }

    /// What a refused request is answered with.
    static func refusal(of text: String, limits: WireLimits = WireLimits()) throws -> ErrorMessage? {
        do {
            _ = try request(text, limits: limits)
            return nil
        } catch let refusal as Refusal {
            return ErrorMessage(refusal)
        }
    }

    struct Unexpected: Error {
        let text: String
    }
}

/// A room with one model, to answer from.
struct SampleRoom {
    static let moment = Timestamp(seconds: 1_762_862_400)
    static let owner = Actor(
        user: UserID(trusted: "7"), username: "alice", role: .member(.owner), worker: WorkerName(trusted: "gpu-1"))

    var manifest = Manifest(
        room: RoomID(trusted: "lab"), epoch: Epoch(trusted: "e1"), updatedAt: Timestamp(seconds: 0))

    mutating func perform(_ text: String) throws {
        let (write, _) = try Vectors.write(text)
        var draft = Draft(manifest)
        _ = try draft.decide(write, by: Self.owner, at: Self.moment)
        for change in draft.changes { manifest.apply(change) }
    }

    func entry(_ name: String) throws -> ModelEntry { try #require(manifest.resolve(name)) }
}
