import Cryptography
import RoomCore
import RoomStorage

/// A person as somebody else vouches for them: GitHub, or an issuer that is trusted.
package struct OutsideIdentity: Sendable, Equatable {
    /// The same for the same person for ever, and never another's: see ``issued(by:subject:)`` and ``gitHub(_:)``.
    package let user: UserID
    /// What the person would like to be called; another may have the name already.
    package let username: String
    package let avatarURL: String?
    /// Until when the word counts; nil where it is one moment's.
    package let expiresAt: Timestamp?
    /// Nil where nothing is told of groups.
    package let groups: Set<GroupName>?

    package init(
        user: UserID, username: String, avatarURL: String? = nil, expiresAt: Timestamp? = nil,
        groups: Set<GroupName>? = nil
    ) {
        self.groups = groups
        self.user = user
        let name = Self.tame(username)
        self.username = name.isEmpty ? user.text : name
        self.avatarURL = avatarURL.flatMap { Self.isWebAddress($0) ? $0 : nil }
        self.expiresAt = expiresAt
    }

    /// `oidc-` and 192 bits of a hash over issuer and subject. Ids made here are 16 hex digits and GitHub's are decimal
    /// numbers, so none of the three can be another.
    package static func issued(by issuer: String, subject: String) -> UserID {
        let digest = SHA256.digest(Array("\(issuer)\0\(subject)".utf8))
        return UserID(trusted: "oidc-" + Base64URL.encode(Array(digest.prefix(24))))
    }

    /// GitHub's number of a user in decimal, as sleap-rtc has it. At most 15 digits: an id made here has 16.
    package static func gitHub(_ number: Int) -> UserID? {
        (1..<1_000_000_000_000_000).contains(number) ? UserID(trusted: String(number)) : nil
    }

    /// One line of at most 64 characters: names are shown to everyone in a room.
    private static func tame(_ name: String) -> String {
        let visible = name.unicodeScalars.filter { !Self.isInvisible($0) }
        var text = String(String.UnicodeScalarView(visible.prefix(64)))
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    private static func isWebAddress(_ text: String) -> Bool {
        text.hasPrefix("https://") && text.utf8.count <= 500 && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// What the person may be called, the wish first. The last is theirs alone.
    var names: [String] { [username, "\(username)-\(SHA256.hex(user.text).prefix(6))", user.text] }
}

extension AccountStore {
    /// The user that an outside identity is, made at first sight under the first of its names that is free. A name that
    /// is taken is another person's: it never leads into their account.
    ///
    /// What is told of their groups is taken down.
    func welcome(
        _ identity: OutsideIdentity, at now: Timestamp
    ) async throws(StoreError) -> (user: User, isNew: Bool) {
        let welcomed = try await account(of: identity, at: now)
        if let groups = identity.groups { try await learn(groups, of: identity.user, at: now) }
        return welcomed
    }

    private func account(
        of identity: OutsideIdentity, at now: Timestamp
    ) async throws(StoreError) -> (user: User, isNew: Bool) {
        if let user = try await user(identity.user) { return (user, false) }
        for name in identity.names {
            let user = try await ensureUser(User(id: identity.user, username: name, createdAt: now))
            // Of two who come at once, one made the user.
            if user.id == identity.user { return (user, user.createdAt == now) }
        }
        throw .unavailable("no name is free for a new user")
    }
}
