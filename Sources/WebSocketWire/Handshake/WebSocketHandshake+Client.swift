/// What a server agreed to when it opened a WebSocket.
package struct UpgradeAgreement: Equatable, Sendable {
    package let subprotocol: String?
    /// The lines of `Sec-WebSocket-Extensions`; each extension in them was offered.
    package let extensions: [String]
}

extension WebSocketHandshake {
    /// The fields a client's GET carries beside `Host` (RFC 6455 §4.1).
    package static func requestFields(key: String, subprotocols: [String] = []) -> [(name: String, value: String)] {
        let fields = [
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", version),
            ("Sec-WebSocket-Key", key),
        ]
        return fields + (subprotocols.isEmpty ? [] : [("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", "))])
    }

    /// Judges the response to a request that carried `key` and these offers (RFC 6455 §4.1); `extensions` are names.
    package static func confirm(
        status: Int, key: String, subprotocols: [String] = [], extensions: [String] = [],
        field: (String) -> [String]
    ) throws(UpgradeFailure) -> UpgradeAgreement {
        guard status == 101 else { throw .notSwitching(status: status) }
        guard FieldList.contains("websocket", in: field("Upgrade")) else { throw .notWebSocket }
        guard FieldList.contains("upgrade", in: field("Connection")) else { throw .connectionNotUpgrade }
        guard isAnswer(field("Sec-WebSocket-Accept"), to: key) else { throw .wrongAccept }
        let agreed = field("Sec-WebSocket-Extensions")
        let names = FieldList.elements(of: agreed).map { FieldList.trimmed($0.utf8.prefix { $0 != UInt8(ascii: ";") }) }
        guard names.allSatisfy(extensions.contains) else { throw .unofferedExtension }
        return UpgradeAgreement(
            subprotocol: try chosen(field("Sec-WebSocket-Protocol"), among: subprotocols), extensions: agreed)
    }

    private static func isAnswer(_ lines: [String], to key: String) -> Bool {
        guard let line = lines.first, lines.count == 1 else { return false }
        return FieldList.trimmed(line.utf8).utf8.elementsEqual(acceptValue(forKey: key).utf8)
    }

    private static func chosen(_ lines: [String], among offered: [String]) throws(UpgradeFailure) -> String? {
        guard let line = lines.first else { return nil }
        let answer = FieldList.trimmed(line.utf8)
        let choice = offered.first { $0.utf8.elementsEqual(answer.utf8) }
        guard lines.count == 1, let choice else { throw .unofferedSubprotocol }
        return choice
    }
}
