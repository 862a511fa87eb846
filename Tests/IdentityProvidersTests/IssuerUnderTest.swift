import Cryptography
import HTTPFetching
import JSONWire
import Logging
import RoomCore
import RoomService
import ScriptedServing
import Synchronization

@testable import IdentityProviders

let noLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// An issuer on a loopback port whose keys and manners a test changes, and the server's side of it.
final class IssuerUnderTest: Sendable {
    enum Manner: Sendable { case well, away, silent, namingAnother }

    struct Shown: Sendable {
        var keys: [JSONObject] = []
        var manner = Manner.well
        var now: Duration = .seconds(1000)
        var fetches = 0
    }

    /// Made once a run, for that is slow.
    static let keys: [RSAKey] = {
        do { return try (0..<2).map { _ in try RSAKey.generate() } } catch { preconditionFailure("no key: \(error)") }
    }()
    static let moment = Timestamp(seconds: 1_760_000_000)

    let server: ScriptedServer
    let issuers: OIDCIssuers
    private let shown: ShownHolder

    init(keysAddress: Bool = false, groupsClaim: String? = "groups") throws {
        let shown = ShownHolder(Shown(keys: [Self.keys[0].jwk(keyID: "one")]))
        self.shown = shown
        let server = try ScriptedServer { request in
            let host = request.headers["host"] ?? ""
            return shown.reply(to: request.target, at: "http://\(host)")
        }
        self.server = server
        var patience = IssuerPatience()
        patience.answer = .seconds(2)
        var settings = OIDCIssuerSettings(
            issuer: server.url, audience: "lab", keysAddress: keysAddress ? server.url + "/keys" : nil)
        settings.groupsClaim = groupsClaim
        issuers = OIDCIssuers(
            [settings], fetching: FetchSettings(), patience: patience, elapsed: { shown.value.now },
            clock: { Self.moment },
            logger: noLogger)
    }

    func change(_ body: (inout Shown) -> Void) { shown.change(body) }
    var keyFetches: Int { server.requests.count { $0.target == "/keys" } }

    /// Claims that are good, with what a test changes.
    func claims(_ change: (inout JWTClaims) -> Void = { _ in }) -> JWTClaims {
        let now = Double(Self.moment.seconds)
        var claims = JWTClaims(
            subject: "s-1", issuer: server.url, audience: ["lab"], issuedAt: now, expiresAt: now + 300,
            other: ["preferred_username": "ann"])
        change(&claims)
        return claims
    }

    func token(_ claims: JWTClaims? = nil, key: Int = 0, keyID: String = "one") throws -> String {
        try JSONWebToken.sign(claims: claims ?? self.claims(), key: Self.keys[key], keyID: keyID)
    }

    /// A token with a header of the test's own and a true signature of the first key.
    func forged(header: String, claims: JWTClaims? = nil) throws -> String {
        let whole = try token(claims).split(separator: ".")
        let signed = Base64URL.encode(Array(header.utf8)) + "." + whole[1]
        return signed + "." + Base64URL.encode(try Self.keys[0].signRS256(Array(signed.utf8)))
    }

    /// The user that a token names, or why it names none.
    func outcome(of token: String) async -> String {
        do {
            return try await issuers.identity(of: token, from: server.url, at: Self.moment).username
        } catch IssuerFault.refused(let fault) {
            return "\(fault)"
        } catch {
            return "\(error)"
        }
    }
}

/// What the issuer shows, where its threads and the test both reach it.
final class ShownHolder: Sendable {
    private let state: Mutex<IssuerUnderTest.Shown>

    init(_ shown: IssuerUnderTest.Shown) { state = Mutex(shown) }

    var value: IssuerUnderTest.Shown { state.withLock { $0 } }
    func change(_ body: (inout IssuerUnderTest.Shown) -> Void) { state.withLock { body(&$0) } }

    func reply(to target: String, at base: String) -> ScriptedReply {
        let shown = value
        switch shown.manner {
        case .away: return .text(503, "away")
        case .silent: return ScriptedReply(raw: [], afterwards: .hang)
        case .well, .namingAnother: break
        }
        if target == "/keys" {
            let keys = JSONValue.array(shown.keys.map { .object($0) })
            return ScriptedReply(200, body: JSONValue.object(["keys": keys]).encoded())
        }
        guard target == "/.well-known/openid-configuration" else { return .text(404, "") }
        let issuer = shown.manner == .namingAnother ? "https://other.example" : base
        return ScriptedReply(
            200,
            body: JSONValue.object(["issuer": .string(issuer), "jwks_uri": .string(base + "/keys")]).encoded())
    }
}
