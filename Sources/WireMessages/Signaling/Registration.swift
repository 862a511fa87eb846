import JSONWire
import RoomCore

/// A `register` message, decoded.
package struct Registration: Sendable {
    package enum Credential: Sendable, Equatable {
        /// `slp_acct_…`
        case accountKey(String)
        /// `slp_…`
        case workerToken(String)
        case jwt(String)
        case none
    }

    package let peer: PeerID?
    package let role: PeerRole
    package let metadata: PeerMetadata
    package let claimsAdmin: Bool
    package let room: RoomID?
    package let credential: Credential
    /// A room password of old; given back as it came.
    package let token: JSONValue
    package let capabilities: [String]

    package static let registryCapability = "registry/1"
    /// Reserving workers, as ``ReservationRequest`` has it.
    package static let reserveCapability = "reserve/1"
    /// The greeting echoes the token, so it takes a place in a frame.
    private static let maxTokenBytes = 4096

    package init(_ object: JSONObject) throws(FieldFault) {
        let reader = FieldReader(object)
        peer = try Self.present("peer_id", in: reader) ? reader.name("peer_id") : nil
        role = try reader.string("role", maxBytes: 64).flatMap(PeerRole.init(rawValue:)) ?? .peer
        let metadata = PeerMetadata(try reader.object("metadata") ?? [:])
        guard metadata.isWithinBounds else {
            throw FieldFault("metadata", "must be at most \(PeerMetadata.maxBytes) bytes of JSON")
        }
        self.metadata = metadata
        claimsAdmin = try reader.bool("is_admin") ?? false
        room = try Self.present("room_id", in: reader) ? reader.name("room_id") : nil
        credential = try Self.credential(reader)
        token = object["token"] ?? .null
        guard token.encoded().count <= Self.maxTokenBytes else {
            throw FieldFault("token", "must be at most \(Self.maxTokenBytes) bytes of JSON")
        }
        capabilities = object["capabilities"]?.arrayValue?.prefix(32).compactMap(\.stringValue) ?? []
    }

    /// Account key before token before JWT before ID token; a key of neither form falls through to the next.
    private static func credential(_ reader: FieldReader) throws(FieldFault) -> Credential {
        if let key = try reader.string("api_key", maxBytes: 512) {
            if key.hasPrefix("slp_acct_") { return .accountKey(key) }
            if key.hasPrefix("slp_") { return .workerToken(key) }
        }
        for name in ["jwt", "id_token"] where try present(name, in: reader) {
            if let token = try reader.string(name, maxBytes: 8192) { return .jwt(token) }
        }
        return .none
    }

    /// Clients send an empty text where they have nothing to say.
    private static func present(_ name: String, in reader: FieldReader) throws(FieldFault) -> Bool {
        reader.value(name).map { $0.stringValue != "" } ?? false
    }
}
