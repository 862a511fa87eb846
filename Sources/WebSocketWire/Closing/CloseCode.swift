/// Why a connection ends (RFC 6455 §7.4 and the IANA registry of close codes).
package struct CloseCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let normalClosure = CloseCode(rawValue: 1000)
    package static let goingAway = CloseCode(rawValue: 1001)
    package static let protocolError = CloseCode(rawValue: 1002)
    package static let unsupportedData = CloseCode(rawValue: 1003)
    /// Has no meaning yet and must not travel.
    package static let reserved = CloseCode(rawValue: 1004)
    /// Stands for a close frame without a code; never travels.
    package static let noStatusReceived = CloseCode(rawValue: 1005)
    /// Stands for a transport that ended without a close frame; never travels.
    package static let abnormalClosure = CloseCode(rawValue: 1006)
    package static let invalidPayload = CloseCode(rawValue: 1007)
    package static let policyViolation = CloseCode(rawValue: 1008)
    package static let messageTooBig = CloseCode(rawValue: 1009)
    package static let mandatoryExtension = CloseCode(rawValue: 1010)
    package static let internalError = CloseCode(rawValue: 1011)
    package static let serviceRestart = CloseCode(rawValue: 1012)
    package static let tryAgainLater = CloseCode(rawValue: 1013)
    package static let badGateway = CloseCode(rawValue: 1014)
    /// Stands for a failed TLS handshake; never travels.
    package static let tlsHandshake = CloseCode(rawValue: 1015)

    /// Whether this code may travel in a close frame, in either direction.
    package var isSendable: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
