/// A request to open a WebSocket that is fit to be accepted.
package struct UpgradeRequest: Equatable, Sendable {
    /// The value of `Sec-WebSocket-Accept`.
    package let acceptValue: String
    /// The subprotocols the client offers, the dearest first.
    package let subprotocols: [String]
    /// The lines of `Sec-WebSocket-Extensions`, unread; to decline them all is to say nothing.
    package let extensions: [String]

    /// The fields of the 101 response (RFC 6455 §4.2.2); `subprotocol` must be one of those offered.
    package func responseFields(subprotocol: String? = nil) -> [(name: String, value: String)] {
        precondition(subprotocol.map(subprotocols.contains) ?? true, "A subprotocol is chosen among those offered.")
        let fields = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", acceptValue)]
        return fields + (subprotocol.map { [("Sec-WebSocket-Protocol", $0)] } ?? [])
    }
}

extension WebSocketHandshake {
    /// Judges a request line and its fields (RFC 6455 §4.2.1); `maxOffers` bounds the subprotocols and the extension
    /// lines, each.
    package static func accept(
        method: String, httpVersion: (major: Int, minor: Int), maxOffers: Int = 32, field: (String) -> [String]
    ) throws(UpgradeRefusal) -> UpgradeRequest {
        guard method == "GET" else { throw .notGet }
        guard httpVersion >= (1, 1) else { throw .httpTooOld }
        guard FieldList.contains("websocket", in: field("Upgrade")) else { throw .notWebSocket }
        guard FieldList.contains("upgrade", in: field("Connection")) else { throw .connectionNotUpgrade }
        guard field("Sec-WebSocket-Version").map({ FieldList.trimmed($0.utf8) }) == [version] else {
            throw .unsupportedVersion
        }
        let key = try acceptableKey(field("Sec-WebSocket-Key"))
        let subprotocols = try acceptableSubprotocols(field("Sec-WebSocket-Protocol"), maxOffers: maxOffers)
        let extensions = field("Sec-WebSocket-Extensions")
        guard extensions.count <= maxOffers else { throw .tooManyOffers(limit: maxOffers) }
        return UpgradeRequest(
            acceptValue: acceptValue(forKey: key), subprotocols: subprotocols, extensions: extensions)
    }

    private static func acceptableKey(_ lines: [String]) throws(UpgradeRefusal) -> String {
        guard let line = lines.first else { throw .missingKey }
        guard lines.count == 1 else { throw .repeatedKey }
        let key = FieldList.trimmed(line.utf8)
        guard Base64.isSixteenBytes(key) else { throw .invalidKey }
        return key
    }

    private static func acceptableSubprotocols(
        _ lines: [String], maxOffers: Int
    ) throws(UpgradeRefusal) -> [String] {
        let offers = FieldList.elements(of: lines)
        guard offers.count <= maxOffers else { throw .tooManyOffers(limit: maxOffers) }
        guard offers.allSatisfy(FieldList.isToken) else { throw .invalidSubprotocol }
        guard Set(offers).count == offers.count else { throw .repeatedSubprotocol }
        return offers
    }
}
