import Cryptography
import JSONWire
import RoomCore
import RoomStorage

/// Where a browser leaves a login for the program that asked for it, which takes it away once within five minutes.
///
///     program ──state──▶ browser ──deposit(state, login)──▶ desk ◀──collect(state)── program
///
/// The state is the program's secret. What is left is always one whole identity that this server proved itself, so that
/// nobody can leave another's; of several who leave something, the first counts.
package struct LoginDesk: Sendable {
    package enum Fault: Error, Equatable, Sendable {
        case badCredential
        case mismatch(String)
        case taken
    }

    static let term = Duration.seconds(300)

    private let accounts: Accounts
    private let store: any HandoverStore

    package init(_ accounts: Accounts, store: any HandoverStore) {
        self.accounts = accounts
        self.store = store
    }

    package func deposit(
        jwt: String, user claimed: JSONObject, accountKey: String?, for state: LoginState
    ) async throws {
        guard !jwt.hasPrefix("slp_"), let user = try await accounts.user(bearer: jwt) else { throw Fault.badCredential }
        for name in ["user_id", "id"] {
            guard let value = claimed[name], !value.isNull else { continue }
            guard value.stringValue ?? value.intValue.map(String.init) == user.id.text else {
                throw Fault.mismatch("The user is not the one that the JWT names")
            }
        }
        if let accountKey {
            guard accountKey.hasPrefix("slp_acct_"), try await accounts.user(bearer: accountKey)?.id == user.id else {
                throw Fault.mismatch("The account key is not of the user that the JWT names")
            }
        }
        let avatar = OutsideIdentity(
            user: user.id, username: user.username, avatarURL: claimed["avatar_url"]?.stringValue
        ).avatarURL
        try await deposit(LoginGrant(user: user, avatarURL: avatar, jwt: jwt, accountKey: accountKey), for: state)
    }

    package func deposit(_ grant: LoginGrant, for state: LoginState) async throws {
        let bytes = JSONValue.object(grant.json(named: "jwt")).encoded()
        if try await store.putIfAbsent(bytes, at: state.key, for: Self.term) { return }
        // Left twice by the same hand, whose first answer was lost.
        guard let left = try await store.load(state.key), constantTimeEquals(left, bytes) else { throw Fault.taken }
    }

    /// The login, and from then on nothing; nil while there is none.
    package func collect(_ state: LoginState) async throws(StoreError) -> [UInt8]? { try await store.take(state.key) }
}

/// The secret by which a program asks for its login: 16–256 bytes of a URL's unreserved characters.
package struct LoginState: Sendable, Equatable {
    package let text: String

    package init?(_ text: String) {
        guard (16...256).contains(text.utf8.count), text.utf8.allSatisfy(Self.isUnreserved) else { return nil }
        self.text = text
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~".utf8.contains(byte)
        }
    }

    /// Stores see its hash alone.
    var key: HandoverKey { HandoverKey(kind: "cli-login", name: SHA256.hex(text)) }
}

extension LoginGrant {
    /// `{"jwt", "user": {…}, "account_key"?}`; both spellings of the id, since clients read one or the other.
    package func json(named names: String...) -> JSONObject {
        var object: JSONObject = [:]
        for name in names { object[name] = .string(jwt) }
        object["user"] = [
            "user_id": .string(user.id.text), "id": .string(user.id.text), "username": .string(user.username),
            "avatar_url": avatarURL.map { .string($0) } ?? .null,
        ]
        if let accountKey { object["account_key"] = .string(accountKey) }
        return object
    }
}
