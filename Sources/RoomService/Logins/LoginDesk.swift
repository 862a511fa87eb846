import Cryptography
import JSONWire
import RoomCore
import RoomStorage

/// Where a browser leaves a login for the program that asked for it, which takes it away once within five minutes.
///
///     program ──state──▶ browser ──deposit(state, login)──▶ desk ◀──collect(state)── program
///
/// The state is the program's secret: the store knows its hash, and what is left lies there sealed by a key that is made
/// from it. It is always one whole identity that this server proved itself, so that nobody can leave another's; of several
/// who leave something, the first counts.
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
        try await deposit(LoginGrant(user: user, avatarURL: avatar, jwt: jwt, accountKey: accountKey), at: state.place)
    }

    package func deposit(_ grant: LoginGrant, at place: LoginPlace) async throws {
        let bytes = JSONValue.object(grant.json(named: "jwt")).encoded()
        let box = try SealedBox.seal(bytes, under: place.seal)
        if try await store.putIfAbsent(box, at: place.key, for: Self.term) { return }
        // Left twice by the same hand, whose first answer was lost.
        guard let left = try await store.load(place.key).flatMap({ SealedBox.open($0, under: place.seal) }),
            constantTimeEquals(left, bytes)
        else { throw Fault.taken }
    }

    /// The login, and from then on nothing; nil while there is none.
    package func collect(_ state: LoginState) async throws(StoreError) -> [UInt8]? {
        let place = state.place
        guard let box = try await store.take(place.key) else { return nil }
        guard let login = SealedBox.open(box, under: place.seal) else {
            throw .corrupt("a login that was left is not as it was left")
        }
        return login
    }
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
