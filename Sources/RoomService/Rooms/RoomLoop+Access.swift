import RoomCore
import RoomStorage

/// Who may do what here. What is written is decided under the access that is known here, and the record takes it only
/// while that is the newest: whoever lost a right writes nothing from that commit on, on whatever server. Answers that
/// write nothing, such as refusals, are given after the record was asked. What sockets may do beside follows by word
/// between servers.
extension RoomLoop {
    /// Who might act here when that was last looked at.
    func knownAccess() async throws(StoreError) -> RoomAccess? {
        if let access { return access }
        return try await currentAccess()
    }

    /// Who may act here now: one look-up by key, and more only when something changed. Nil when the room is gone.
    func currentAccess() async throws(StoreError) -> RoomAccess? {
        let accounts = dependencies.accounts
        guard let version = try await accounts.accessVersion(of: room) else { return nil }
        if let access, access.version == version { return access }
        guard let current = try await accounts.access(to: room) else { return nil }
        adopt(current)
        return current
    }

    /// Somebody's right here may have changed; while the record is away, that is found out later.
    func lookAtAccess() async { _ = try? await currentAccess() }

    /// Whoever belongs to the room no more is shown out; the others go on with the right that they have now.
    private func adopt(_ current: RoomAccess) {
        access = current
        for session in Array(peers.all) {
            if let role = current.standing(of: session.identity.role, session.identity.user) {
                session.grant(role)
            } else {
                close(.session(session.id), .credentialRevoked)
            }
        }
    }

    /// A credential was looked at again.
    func grant(_ role: ActorRole, to id: SessionID) { peers[id]?.grant(role) }
}
