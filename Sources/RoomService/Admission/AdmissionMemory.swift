import Cryptography
import RoomCore
import Synchronization
import WireMessages

/// Whom credentials proved lately, for the time in which the record cannot be asked.
///
/// A peer that loses its socket while the record is away comes back on what its credential proved before; one that was
/// never here waits. A revocation that this server hears of is forgotten at once; one made while both the record and
/// the bus are away takes effect when the record is back, since every peer is confirmed then.
final class AdmissionMemory: Sendable {
    fileprivate struct Key: Hashable {
        let credential: String
        let room: RoomID?
    }

    private struct Proof {
        let identity: Identity
        let provedAt: Timestamp
    }

    private let proofs = Mutex<[Key: Proof]>([:])
    private let limit: Int
    private let termSeconds: Int64

    init(limit: Int = 20_000, termSeconds: Int64 = 1800) {
        self.limit = limit
        self.termSeconds = termSeconds
    }

    func remember(_ identity: Identity, of registration: Registration, at now: Timestamp) {
        guard let key = Key(registration) else { return }
        proofs.withLock { proofs in
            if proofs.count >= limit, proofs[key] == nil {
                proofs = proofs.filter { isGood($0.value, at: now) }
                // Still full of good ones: the newcomer is the one that is asked again.
                guard proofs.count < limit else { return }
            }
            proofs[key] = Proof(identity: identity, provedAt: now)
        }
    }

    func recall(_ registration: Registration, at now: Timestamp) -> Identity? {
        guard let key = Key(registration) else { return nil }
        return proofs.withLock { proofs in
            guard let proof = proofs[key], isGood(proof, at: now) else { return nil }
            return proof.identity
        }
    }

    func forget(_ registration: Registration) {
        guard let key = Key(registration) else { return }
        proofs.withLock { $0[key] = nil }
    }

    func forget(_ selection: SessionSelection) {
        proofs.withLock { proofs in proofs = proofs.filter { !selection.concerns($0.value.identity) } }
    }

    func forget(_ room: RoomID) {
        proofs.withLock { proofs in proofs = proofs.filter { $0.value.identity.room != room } }
    }

    private func isGood(_ proof: Proof, at now: Timestamp) -> Bool {
        now < proof.provedAt.advanced(bySeconds: termSeconds)
            && proof.identity.expiresAt.map { now < $0 } ?? true
            && proof.identity.roomExpiresAt.map { now < $0 } ?? true
    }
}

extension AdmissionMemory.Key {
    /// The secret is kept as its hash alone.
    fileprivate init?(_ registration: Registration) {
        switch registration.credential {
        case .accountKey(let text), .workerToken(let text), .jwt(let text): credential = SHA256.hex(text)
        case .none: return nil
        }
        room = registration.room
    }
}

extension SessionSelection {
    fileprivate func concerns(_ identity: Identity) -> Bool {
        switch self {
        case .user(let user): identity.user == user
        case .proof(let proof): identity.proof == proof
        case .everyone, .session, .expired: false
        }
    }
}
