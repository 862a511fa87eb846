import JSONWire

extension JWTClaims {
    private static let deepestNesting = 16
    /// Above it a double no longer counts every second.
    private static let timeBound = 0x1p53

    init(json bytes: [UInt8]) throws(TokenFault) {
        self.init(try Self.object(bytes))
        subject = try text(.subject)
        username = try text(.username)
        issuer = try text(.issuer)
        audience = try audienceClaim()
        issuedAt = try time(.issuedAt)
        notBefore = try time(.notBefore)
        expiresAt = try time(.expiresAt)
        tokenID = try text(.tokenID)
    }

    /// The claims as JSON, members always in the same order.
    func json() throws(CryptographyError) -> [UInt8] {
        if let claim = RegisteredClaim.allCases.first(where: { other[$0.rawValue] != nil }) {
            throw .reservedClaim(claim.rawValue)
        }
        var object = JSONObject()
        object[.subject] = subject.map { .string($0) }
        object[.username] = username.map { .string($0) }
        object[.issuer] = issuer.map { .string($0) }
        object[.audience] = audienceValue
        object[.issuedAt] = try Self.value(issuedAt)
        object[.notBefore] = try Self.value(notBefore)
        object[.expiresAt] = try Self.value(expiresAt)
        object[.tokenID] = tokenID.map { .string($0) }
        for (name, value) in other { object[name] = value }
        return JSONValue.object(object).encoded()
    }

    private init(_ object: JSONObject) {
        self.init(other: object)
    }

    private static func object(_ bytes: [UInt8]) throws(TokenFault) -> JSONObject {
        do {
            return try JSONObject(parsing: bytes, maxDepth: deepestNesting)
        } catch {
            throw .malformedPayload(error)
        }
    }

    /// Moves a claim out of `other`, so that no claim is in two places.
    private mutating func take(_ claim: RegisteredClaim) -> JSONValue? {
        defer { other[claim] = nil }
        return other[claim]
    }

    private mutating func text(_ claim: RegisteredClaim) throws(TokenFault) -> String? {
        guard let value = take(claim) else { return nil }
        guard let text = value.stringValue else { throw .malformedClaim(claim) }
        return text
    }

    private mutating func time(_ claim: RegisteredClaim) throws(TokenFault) -> Double? {
        guard let value = take(claim) else { return nil }
        guard let seconds = value.doubleValue, seconds.magnitude < Self.timeBound else {
            throw .malformedClaim(claim)
        }
        return seconds
    }

    private mutating func audienceClaim() throws(TokenFault) -> [String] {
        guard let value = take(.audience) else { return [] }
        if let lone = value.stringValue { return [lone] }
        guard let values = value.arrayValue else { throw .malformedClaim(.audience) }
        let names = values.compactMap(\.stringValue)
        guard names.count == values.count else { throw .malformedClaim(.audience) }
        return names
    }

    private var audienceValue: JSONValue? {
        guard let first = audience.first else { return nil }
        return audience.count == 1 ? .string(first) : .array(audience.map { .string($0) })
    }

    private static func value(_ seconds: Double?) throws(CryptographyError) -> JSONValue? {
        guard let seconds else { return nil }
        guard seconds.magnitude < timeBound else { throw .unwritableClaims }
        let value = JSONValue.number(seconds)
        return value.intValue.map { .integer($0) } ?? value
    }
}

extension JSONObject {
    fileprivate subscript(claim: RegisteredClaim) -> JSONValue? {
        get { self[claim.rawValue] }
        set { self[claim.rawValue] = newValue }
    }
}
