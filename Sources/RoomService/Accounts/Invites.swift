import Cryptography
import JSONWire
import RoomCore
import RoomStorage

/// Codes by which users join rooms: good for an hour, for any number of users, on every server.
///
/// A code has 40 random bits and is kept as its SHA-256. Who tries too many has to pause, so that none can be guessed.
/// It ends with its room, and with the ownership of whoever made it; and it does not bring back who was removed since.
package struct Invites: Sendable {
    package static let termSeconds: Int64 = 3600
    /// How long an ended code is remembered, so that its user is told what is wrong with it.
    private static let memorySeconds: Int64 = 24 * 3600

    private let accounts: Accounts
    private let handovers: any HandoverStore

    package init(_ accounts: Accounts, handovers: any HandoverStore) {
        self.accounts = accounts
        self.handovers = handovers
    }

    package func create(for room: RoomID, by user: UserID) async throws -> String {
        guard try await accounts.store.membership(of: user, in: room)?.role == .owner else {
            throw Accounts.Fault.forbidden("Only room owners can create invites")
        }
        let invite = Invite(room: room, by: user, madeAt: accounts.clock())
        for _ in 0..<8 {
            let code = try InviteCode.random()
            let isNew = try await handovers.putIfAbsent(
                invite.encoded, at: Self.key(of: code), for: .seconds(Self.memorySeconds))
            if isNew { return code.text }
        }
        throw StoreError.unavailable("no free invite code was found")
    }

    /// Joins the user to the code's room; false when the user was there already.
    package func join(_ text: String, by user: UserID) async throws -> (room: RoomID, isNew: Bool) {
        try await countTry(of: user)
        guard let code = InviteCode(text), let bytes = try await handovers.load(Self.key(of: code)),
            let invite = Invite(bytes)
        else { throw Self.invalid }
        guard accounts.clock() < invite.madeAt.advanced(bySeconds: Self.termSeconds) else {
            throw Accounts.Fault.invalid("Invite code expired")
        }
        let store = accounts.store
        guard let room = try await store.room(invite.room),
            try await store.membership(of: invite.by, in: invite.room)?.role == .owner
        else { throw Self.invalid }
        if try await store.membership(of: user, in: room.id) != nil { return (room.id, false) }
        guard try await !wasRemoved(user, from: room.id, since: invite.madeAt) else { throw Self.invalid }
        try await join(user, to: room)
        return (room.id, true)
    }

    private func join(_ user: UserID, to room: RoomRecord) async throws {
        let now = accounts.clock()
        guard room.expiresAt.map({ now < $0 }) ?? true else { throw Accounts.Fault.invalid("Room expired") }
        let count = try await accounts.store.members(of: room.id).count
        guard count < accounts.limits.membersPerRoom else {
            throw Accounts.Fault.limit(
                "The room has \(count) members, which is the most allowed: its owner can remove some")
        }
        try await accounts.store.join(Membership(room: room.id, user: user, role: .member, joinedAt: now))
        // The room may have been deleted meanwhile.
        guard try await accounts.store.membership(of: user, in: room.id) != nil else { throw Self.invalid }
    }

    /// Takes a member out of a room. Codes that are out already do not let back in whom the owner removed.
    package func removeMember(_ member: UserID, from room: RoomID, by user: UserID) async throws {
        try await accounts.checkRemoval(of: member, from: room, by: user)
        if member != user {
            // First, so that there is no moment at which an old code works.
            try await handovers.put(
                Array(String(accounts.clock().microseconds).utf8), at: Self.key(of: member, in: room),
                for: .seconds(Self.termSeconds))
        }
        try await accounts.removeMember(member, from: room, by: user)
    }

    private static var invalid: Accounts.Fault { .invalid("Invalid invite code") }
}

// MARK: - What is kept

extension Invites {
    private static func key(of code: InviteCode) -> HandoverKey {
        HandoverKey(kind: "invite", name: SHA256.hex(code.text))
    }

    private static func key(of member: UserID, in room: RoomID) -> HandoverKey {
        HandoverKey(kind: "invite-removal", name: SHA256.hex("\(room)/\(member)"))
    }

    private func wasRemoved(_ user: UserID, from room: RoomID, since moment: Timestamp) async throws -> Bool {
        guard let bytes = try await handovers.load(Self.key(of: user, in: room)) else { return false }
        return Int64(String(decoding: bytes, as: UTF8.self)).map { $0 >= moment.microseconds } ?? true
    }

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

private struct Invite {
    let room: RoomID
    let by: UserID
    let madeAt: Timestamp

    var encoded: [UInt8] {
        JSONValue.object([
            "room": .string(room.text), "by": .string(by.text), "at": .integer(Int(madeAt.microseconds)),
        ]).encoded()
    }
}

extension Invite {
    init?(_ bytes: [UInt8]) {
        guard let object = try? JSONValue.parse(bytes, maxDepth: 2).objectValue,
            let room = object["room"]?.stringValue.flatMap(RoomID.init),
            let by = object["by"]?.stringValue.flatMap(UserID.init), let moment = object["at"]?.intValue
        else { return nil }
        self.init(room: room, by: by, madeAt: Timestamp(microseconds: Int64(moment)))
    }
}
