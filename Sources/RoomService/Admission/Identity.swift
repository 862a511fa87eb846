import RoomCore
import RoomStorage
import WireMessages

/// Who a socket truly is in one room, from its credential alone.
package struct Identity: Sendable, Equatable {
    /// What credential it showed; revoking it ends its sockets.
    package enum Proof: Sendable, Equatable {
        case workerToken(SecretHash)
        /// The key, or a JWT that it bought.
        case accountKey(SecretHash)
        case jwt
    }

    package let room: RoomID
    package let user: UserID
    package let username: String
    package var role: ActorRole
    /// The worker name that a token carries.
    package let workerName: WorkerName?
    package let proof: Proof
    /// When the credential ends.
    package let expiresAt: Timestamp?
    /// When its room was to end as it came in; see ``RoomEnding``.
    package let roomExpiresAt: Timestamp?

    /// Who may take over a peer's place, and whose idempotency keys are whose: the user, or the one token.
    package var principal: String {
        switch proof {
        case .workerToken(let hash): "token:\(hash)"
        case .accountKey, .jwt: "user:\(user)"
        }
    }

    /// The token of a principal that is one.
    static func token(ofPrincipal principal: String) -> SecretHash? {
        principal.hasPrefix("token:") ? SecretHash(String(principal.dropFirst(6))) : nil
    }

    package func actor(worker: WorkerName?) -> Actor {
        Actor(user: user, username: username, role: role, worker: worker)
    }
}

/// A registration together with the identity that its credential proved.
package struct Entry: Sendable {
    package let identity: Identity
    package let registration: Registration

    package init(identity: Identity, registration: Registration) {
        self.identity = identity
        self.registration = registration
    }
}

/// Why a socket was not admitted.
package enum AdmissionRefusal: Error, Sendable, Equatable {
    /// The peer is told why; its socket stays open.
    case refused(ErrorMessage)
    /// The record could not be asked: the socket is closed and the peer comes back, since an error would end a worker.
    case unavailable

    static func refused(_ reason: String) -> AdmissionRefusal {
        .refused(ErrorMessage(code: "FORBIDDEN", message: reason))
    }

    static func malformed(_ reason: String) -> AdmissionRefusal {
        .refused(ErrorMessage(code: "INVALID_MESSAGE", message: reason))
    }
}
