import Cryptography
import RoomCore
import RoomStorage

/// Codes by which users join rooms, on every server: each gives a role, for a time, to so many users or to any number.
///
/// A code has 40 random bits and is kept as its SHA-256. Who tries too many has to pause, so that none can be guessed.
/// It ends with its room, and with the right to invite of whoever made it; and it does not bring back who was removed since.
package struct Invites: Sendable {
    /// What a code makes of whom it lets in; as it stands here, what sleap-rtc's programs ask for.
    package struct Terms: Sendable, Equatable {
        /// Owners are made by name alone.
        package static let roles: [MemberRole] = [.maintainer, .publisher, .worker, .viewer]
        package static let seconds = 60...(30 * 86_400)
        package static let uses = 1...10_000

        package var role = MemberRole.publisher
        /// Nil for any number.
        package var uses: Int?
        package var seconds = 3600

        package init() {}
    }

    /// How long an ended code is remembered, so that its user is told what is wrong with it.
    static let memorySeconds: Int64 = 24 * 3600

    private let accounts: Accounts
    private let handovers: any HandoverStore

    /// - Parameter handovers: where tries are counted.
    package init(_ accounts: Accounts, handovers: any HandoverStore) {
        self.accounts = accounts
        self.handovers = handovers
    }

    package func create(for room: RoomID, by user: UserID, _ terms: Terms = Terms()) async throws -> String {
        try accounts.check(.invite, for: try await accounts.store.membership(of: user, in: room)?.role)
        let now = accounts.clock()
        for _ in 0..<8 {
            let code = try InviteCode.random()
            let invitation = Invitation(
                code: code.hash, room: room, role: terms.role, madeBy: user, madeAt: now,
                expiresAt: now.advanced(bySeconds: Int64(terms.seconds)), uses: terms.uses)
            if try await accounts.store.invite(invitation) { return code.text }
        }
        throw StoreError.unavailable("no free invite code was found")
    }

    /// Joins the user to the code's room; false when the user was there already.
    package func join(_ text: String, by user: UserID) async throws -> (room: RoomID, isNew: Bool) {
        try await countTry(of: user)
        let store = accounts.store
        guard let code = InviteCode(text), let invitation = try await store.invitation(code.hash) else {
            throw Self.invalid
        }
        let now = accounts.clock()
        guard now < invitation.expiresAt else { throw Accounts.Fault.invalid("Invite code expired") }
        guard let room = try await store.room(invitation.room),
            let maker = try await store.membership(of: invitation.madeBy, in: invitation.room),
            Permissions().allow(.invite, to: maker.role)
        else { throw Self.invalid }
        if try await isMember(user, of: room.id) { return (room.id, false) }
        guard !invitation.isUsedUp else { throw Self.usedUp }
        try await checkSpace(in: room, at: now)
        if try await store.redeem(code.hash, for: user, at: now) {
            await accounts.directory?.accessChanged(in: room.id)
            return (room.id, true)
        }
        // Somebody else was the last, or the same user twice at one moment, or the room was deleted meanwhile.
        if try await isMember(user, of: room.id) { return (room.id, false) }
        guard try await store.invitation(code.hash)?.isUsedUp != true else { throw Self.usedUp }
        throw Self.invalid
    }

    private func isMember(_ user: UserID, of room: RoomID) async throws -> Bool {
        try await accounts.store.membership(of: user, in: room)?.ownRole != nil
    }

    private func checkSpace(in room: RoomRecord, at now: Timestamp) async throws {
        guard room.expiresAt.map({ now < $0 }) ?? true else { throw Accounts.Fault.invalid("Room expired") }
        let count = try await accounts.store.members(of: room.id).count
        guard count < accounts.limits.membersPerRoom else {
            throw Accounts.Fault.limit(
                "The room has \(count) members, which is the most allowed: its owner can remove some")
        }
    }

    private static var invalid: Accounts.Fault { .invalid("Invalid invite code") }
    private static var usedUp: Accounts.Fault { .invalid("Invite code used up") }
}

// MARK: - Tries

extension Invites {
    /// Each try counts, before anything is looked up, until there was none for a while.
    private func countTry(of user: UserID) async throws {
        let (limit, pause) = (accounts.limits.inviteTries, accounts.limits.invitePauseSeconds)
        let number = try await handovers.append(
            [], to: HandoverKey(kind: "invite-tries", name: SHA256.hex(user.text)), limit: 1, for: .seconds(pause))
        guard number <= limit else {
            throw Accounts.Fault.tooOften(
                "Too many invite codes were tried: wait \(pause / 60) minutes, then ask the owner for a new one",
                retryAfterSeconds: pause)
        }
    }
}

/// Eight of 32 upper-case letters and digits; those that look alike are left out.
struct InviteCode: Equatable {
    let text: String

    /// As the record knows it.
    var hash: SecretHash { SecretHash(trusted: SHA256.hex(text)) }

    private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789".utf8)

    /// A code as a person types it.
    init?(_ typed: String) {
        guard typed.utf8.count <= 64 else { return nil }
        let letters = typed.uppercased().utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }
        guard letters.count == 8, letters.allSatisfy(Self.alphabet.contains) else { return nil }
        text = String(decoding: letters, as: UTF8.self)
    }

    private init(trusted text: String) { self.text = text }

    static func random() throws -> InviteCode {
        InviteCode(
            trusted: String(
                decoding: try SecureRandom.bytes(8).map { alphabet[Int($0) % alphabet.count] }, as: UTF8.self))
    }
}
