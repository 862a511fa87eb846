/// Why the server closes a peer's socket: the WebSocket close code and its reason, as the README lists them.
package enum PeerClose: Sendable, CaseIterable {
    /// The server is going away; come back in a moment (RFC 6455's registry: service restart).
    case draining
    /// The peer did not take its frames and its outbox passed the limit.
    case outboxOverflow
    /// A newer socket of the same credential took this peer's place.
    case replaced
    case credentialRevoked
    case credentialExpired
    case roomDeleted
    /// The room was made for a time, which is over, and nobody worked in it.
    case roomExpired
    /// Nothing was heard, not even a pong.
    case silent
    /// The record could not be read, so the peer could not be admitted; it may come back.
    case unavailable
    /// More sockets of one identity than allowed.
    case tooManySockets
    case messageTooBig

    package var code: UInt16 {
        switch self {
        case .draining: 1012
        case .unavailable: 1013
        case .messageTooBig: 1009
        case .outboxOverflow: 4001
        case .replaced: 4002
        case .credentialRevoked: 4003
        case .credentialExpired: 4004
        case .roomDeleted: 4005
        case .silent: 4006
        case .tooManySockets: 4007
        case .roomExpired: 4008
        }
    }

    package var reason: String {
        switch self {
        case .draining: "server restarting, reconnect"
        case .unavailable: "try again in a moment"
        case .messageTooBig: "message too big"
        case .outboxOverflow: "frames were not read in time"
        case .replaced: "replaced by a newer connection of this peer"
        case .credentialRevoked: "credential revoked"
        case .credentialExpired: "credential expired"
        case .roomDeleted: "room deleted"
        case .roomExpired: "room expired"
        case .silent: "no answer to ping"
        case .tooManySockets: "too many connections of this identity"
        }
    }
}
