import HTTPServing
import HTTPWire
import JSONWire
import RoomCore
import RoomService
import RoomStorage

/// How programs log in: GitHub's callback, and the desk where a browser leaves a login for a program.
package struct LoginRoutes: Sendable {
    private let accounts: Accounts
    private let desk: LoginDesk
    /// Nil where no OAuth app of GitHub's is set.
    private let gitHub: (any CodeProvider)?
    private let polls: AskingRates
    private let writes: AskingRates

    package init(
        _ accounts: Accounts, desk: LoginDesk, gitHub: (any CodeProvider)?, elapsed: @escaping @Sendable () -> Duration
    ) {
        self.accounts = accounts
        self.desk = desk
        self.gitHub = gitHub
        polls = AskingRates(perSecond: 50, burst: 200, elapsed: elapsed)
        writes = AskingRates(perSecond: 5, burst: 50, elapsed: elapsed)
    }

    package func add(to router: inout Router) {
        router.on(.post, "/api/auth/github/callback") { await answering($0, writes, gitHubCallback) }
        router.on(.post, "/api/auth/cli/deposit") { await answering($0, writes, deposit) }
        router.on(.get, "/api/auth/cli/poll") { await answering($0, polls, poll) }
    }

    private func gitHubCallback(_ request: Request) async throws -> Response {
        guard let gitHub else { return .error(.internalServerError, "GitHub OAuth not configured") }
        let body = FieldReader(try request.json())
        let code = try body.required("code", body.string("code"))
        // The page went to GitHub by itself: no more is known of its way than where it came back.
        let journey = try body.string("redirect_uri", maxBytes: 2048).map {
            LoginJourney(state: "", nonce: "", verifier: "", returnAddress: $0)
        }
        let grant = try await accounts.logIn(gitHub.identity(for: code, on: journey))
        return .json(raw: JSONValue.object(grant.json(named: "token", "jwt")).encoded())
    }

    private func deposit(_ request: Request) async throws -> Response {
        let body = FieldReader(try request.json())
        guard let state = LoginState(try body.required("state", body.string("state"))) else { return Self.badState }
        try await desk.deposit(
            jwt: try body.required("jwt", body.string("jwt", maxBytes: 8192)), user: try body.object("user") ?? [:],
            accountKey: try body.string("account_key", maxBytes: 512), for: state)
        return .json(raw: JSONValue.object(["status": "ok"]).encoded())
    }

    private func poll(_ request: Request) async throws -> Response {
        guard let text = request.head.query.first("state") else {
            return .error(.badRequest, "Missing state parameter")
        }
        guard let state = LoginState(text) else { return Self.badState }
        guard let login = try await desk.collect(state) else {
            return .json(raw: JSONValue.object(["status": "pending"]).encoded(), status: .accepted)
        }
        return .json(raw: login)
    }

    private static let badState = Response.error(.badRequest, "Invalid state format")
}

// MARK: - What goes wrong

extension LoginRoutes {
    /// Runs a route at a bounded rate. What it answers is secret and is kept by nobody on the way.
    private func answering(
        _ request: Request, _ rates: AskingRates, _ route: (Request) async throws -> Response
    ) async -> Response {
        guard rates.allows(request.peer.host) else {
            return .error(.tooManyRequests, "Too many logins from this address; try again in a moment")
                .with("Retry-After", "1")
        }
        do {
            return try await route(request).with("Cache-Control", "no-store")
        } catch {
            return Self.answer(to: error)
        }
    }

    private static func answer(to error: any Error) -> Response {
        switch error {
        case LoginDesk.Fault.badCredential: .error(.unauthorized, "Invalid or expired token")
        case LoginDesk.Fault.mismatch(let text): .error(.badRequest, text)
        case LoginDesk.Fault.taken: .error(.conflict, "A login was left for this state already; run the login again")
        case ProviderFault.refused(let text): .error(.badRequest, text)
        case ProviderFault.unavailable:
            .error(.serviceUnavailable, "The login provider cannot be reached just now; try again")
        case IssuerFault.unavailable: AccountAccess.issuerAway
        case let fault as FieldFault: .error(.unprocessableContent, fault.description)
        case let fault as RequestFault: fault.response
        default: .error(.serviceUnavailable, "Logins cannot be kept just now; try again")
        }
    }
}
