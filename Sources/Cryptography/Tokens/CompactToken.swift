/// A compact JWS taken apart (RFC 7515 section 7.1); nothing in it is believed yet.
///
///     eyJhbGciOi… . eyJzdWIiOi… . kxrH0n4V…
///     |<------ signed ------->|
///        header      payload      signature
struct CompactToken {
    let header: JOSEHeader
    let payload: [UInt8]
    let signature: [UInt8]
    private let text: [UInt8]
    private let signedCount: Int

    private static let dot = UInt8(ascii: ".")

    init(_ token: String) throws(TokenFault) {
        guard token.utf8.count <= JSONWebToken.largestByteCount else { throw .tokenTooLong }
        text = Array(token.utf8)
        let parts = text.split(separator: Self.dot, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3 else { throw .notEnoughSegments }
        guard parts.count == 3 else { throw .tooManySegments }
        guard let head = Self.decode(parts[0]) else { throw .malformedHeaderEncoding }
        header = try JOSEHeader(json: head)
        guard let payload = Self.decode(parts[1]) else { throw .malformedPayloadEncoding }
        guard let signature = Self.decode(parts[2]) else { throw .malformedSignatureEncoding }
        self.payload = payload
        self.signature = signature
        signedCount = parts[1].endIndex
    }

    func isSigned(by key: VerificationKey) -> Bool {
        text.withUnsafeBytes { key.verify(signature, over: UnsafeRawBufferPointer(rebasing: $0[..<signedCount])) }
    }

    private static func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
        part.withUnsafeBytes { Base64URL.decode($0) }
    }
}
