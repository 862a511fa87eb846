import JSONWire

/// The header of a compact JWS (RFC 7515 section 4), reduced to what we obey.
///
/// `jwk`, `jku`, `x5c` and `x5u` are passed over: a token does not bring its own key.
struct JOSEHeader {
    let algorithm: SignatureAlgorithm
    let keyID: String?

    private static let deepestNesting = 4

    init(json bytes: [UInt8]) throws(TokenFault) {
        let members = try Self.object(bytes)
        guard members["crit"] == nil else { throw .criticalHeader }
        guard let name = try Self.text("alg", in: members) else { throw .malformedHeaderMember("alg") }
        algorithm = try Self.algorithm(name)
        keyID = try Self.text("kid", in: members)
        try Self.checkTypes(members)
    }

    /// The encoded header of a token that we sign.
    static func json(algorithm: SignatureAlgorithm, keyID: String) -> [UInt8] {
        var writer = JSONWriter(reserving: 96)
        writer.beginObject()
        writer.member("alg", algorithm.rawValue)
        writer.member("typ", "JWT")
        writer.member("kid", keyID)
        writer.endObject()
        return writer.bytes
    }

    private static func algorithm(_ name: String) throws(TokenFault) -> SignatureAlgorithm {
        if let known = SignatureAlgorithm(rawValue: name) { return known }
        switch name.lowercased() {
        case "none": throw .unsecured
        case let name where name.hasPrefix("hs"): throw .symmetricAlgorithm
        default: throw .algorithmNotAllowed
        }
    }

    /// `typ` and `cty` (RFC 7519 section 5). A type other than of a token of access or identity, such as `logout+jwt`, is for
    /// another purpose, though the same key signed it (RFC 8725 section 3.11).
    private static func checkTypes(_ members: JSONObject) throws(TokenFault) {
        if let content = try text("cty", in: members), bareType(content) == "jwt" { throw .nestedToken }
        guard let type = try text("typ", in: members) else { return }
        guard ["jwt", "at+jwt"].contains(bareType(type)) else { throw .wrongType }
    }

    private static func bareType(_ mediaType: String) -> String {
        let type = mediaType.lowercased()
        return type.hasPrefix("application/") ? String(type.dropFirst("application/".count)) : type
    }

    private static func text(_ name: String, in members: JSONObject) throws(TokenFault) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.stringValue else { throw .malformedHeaderMember(name) }
        return text
    }

    private static func object(_ bytes: [UInt8]) throws(TokenFault) -> JSONObject {
        do {
            return try JSONObject(parsing: bytes, maxDepth: deepestNesting)
        } catch {
            throw .malformedHeader(error)
        }
    }
}
