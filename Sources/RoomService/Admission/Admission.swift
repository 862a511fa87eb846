import Cryptography
import RoomCore
import RoomStorage
import WireMessages

/// Finds out who a registration comes from: account key before worker token before JWT.
package struct Admission: Sendable {
    let accounts: any AccountStore
    let bearers: Bearers
    let clock: @Sendable () -> Timestamp
    private let memory = AdmissionMemory()

    init(
        accounts: any AccountStore, authority: TokenAuthority, issuers: any TrustedIssuers = NoIssuers(),
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.accounts = accounts
        bearers = Bearers(authority: authority, issuers: issuers, store: accounts)
        self.clock = clock
    }

    /// Whom the credential proves; while the record is away, whom it proved before.
    package func identify(_ registration: Registration) async throws(AdmissionRefusal) -> Identity {
        do throws(AdmissionRefusal) {
            let identity = try await prove(registration)
            memory.remember(identity, of: registration, at: clock())
            return identity
        } catch .unavailable {
            guard let identity = memory.recall(registration, at: clock()) else { throw .unavailable }
            return identity
        } catch {
            memory.forget(registration)
            throw error
        }
    }

    /// What a credential proved counts no longer.
    func forget(_ selection: SessionSelection) { memory.forget(selection) }

    /// A room is gone, and with it every right to it; or these rights changed.
    func forget(_ room: RoomID) { memory.forget(room) }

    /// Whom the credential proves by the record alone.
    func prove(_ registration: Registration) async throws(AdmissionRefusal) -> Identity {
        do {
            switch registration.credential {
            case .accountKey(let key): return try await identify(accountKey: key, registration)
            case .workerToken(let token): return try await identify(workerToken: token)
            case .jwt(let token): return try await identify(jwt: token, registration)
            case .none: throw AdmissionRefusal.refused("No authentication provided. Use api_key, jwt, or id_token.")
            }
        } catch let refusal as AdmissionRefusal {
            throw refusal
        } catch {
            throw .unavailable
        }
    }

    private func identify(accountKey secret: String, _ registration: Registration) async throws -> Identity {
        let hash = SecretHash(trusted: SHA256.hex(secret))
        guard let key = try await accounts.accountKey(hash) else {
            throw AdmissionRefusal.refused("Invalid account key")
        }
        guard key.revokedAt == nil else { throw AdmissionRefusal.refused("Account key revoked") }
        guard !isPast(key.expiresAt) else { throw AdmissionRefusal.refused("Account key expired") }
        guard let room = registration.room else {
            throw AdmissionRefusal.malformed("room_id required for account key auth")
        }
        let user = try await accounts.user(key.user)
        return try await member(
            key.user, username: user?.username ?? key.user.text, of: room, proof: .accountKey(hash),
            expiresAt: key.expiresAt)
    }

    private func identify(workerToken secret: String) async throws -> Identity {
        let hash = SecretHash(trusted: SHA256.hex(secret))
        guard let token = try await accounts.workerToken(hash) else {
            throw AdmissionRefusal.refused("Invalid API key")
        }
        guard token.revokedAt == nil else { throw AdmissionRefusal.refused("Token revoked") }
        guard !isPast(token.expiresAt) else { throw AdmissionRefusal.refused("Token expired") }
        let room = try await openRoom(token.room)
        // Who is taken out of a room leaves no worker behind: its sockets are closed, and it does not come back.
        guard let maker = try await accounts.membership(of: token.createdBy, in: token.room) else {
            throw AdmissionRefusal.refused("Token revoked")
        }
        let creator = try await accounts.user(token.createdBy)
        return Identity(
            room: token.room, user: token.createdBy, username: creator?.username ?? token.createdBy.text,
            role: .workerToken(of: maker.role), workerName: token.worker, proof: .workerToken(hash),
            expiresAt: token.expiresAt, roomExpiresAt: room.expiresAt)
    }

    private func identify(jwt token: String, _ registration: Registration) async throws -> Identity {
        let bearer: TokenAuthority.Bearer
        do {
            bearer = try await bearers.bearer(of: token, at: clock())
        } catch IssuerFault.refused(let fault) {
            throw AdmissionRefusal.refused("Invalid token: \(fault)")
        } catch IssuerFault.revoked {
            throw AdmissionRefusal.refused("Account key revoked")
        }
        guard let room = registration.room else { throw AdmissionRefusal.malformed("room_id required for JWT auth") }
        return try await member(
            bearer.user, username: bearer.username, of: room,
            proof: bearer.accountKey.map { .accountKey($0) } ?? .jwt, expiresAt: bearer.expiresAt)
    }

    private func member(
        _ user: UserID, username: String, of roomID: RoomID, proof: Identity.Proof, expiresAt: Timestamp?
    ) async throws -> Identity {
        guard let membership = try await accounts.membership(of: user, in: roomID) else {
            throw AdmissionRefusal.refused("No access to this room")
        }
        let room = try await openRoom(roomID)
        return Identity(
            room: roomID, user: user, username: username, role: .member(membership.role), workerName: nil,
            proof: proof, expiresAt: expiresAt, roomExpiresAt: room.expiresAt)
    }

    private func openRoom(_ id: RoomID) async throws -> RoomRecord {
        guard let room = try await accounts.room(id) else { throw AdmissionRefusal.refused("Room not found") }
        guard !isPast(room.expiresAt) else { throw AdmissionRefusal.refused("Room expired") }
        return room
    }

    private func isPast(_ moment: Timestamp?) -> Bool { moment.map { $0 <= clock() } ?? false }
}
