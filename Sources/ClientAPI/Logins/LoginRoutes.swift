import HTTPServing
import HTTPWire
import JSONWire
import Logging
import RoomCore
import RoomService
import RoomStorage

/// How programs log in: GitHub's callback, and the desk where a browser leaves a login for a program.
package struct LoginRoutes: Sendable {
    private let accounts: Accounts
    private let desk: LoginDesk
    /// Nil where no OAuth app of GitHub's is set.
    private let gitHub: (any CodeProvider)?
    private let rates: LoginRates
    private let logger: Logger

    package init(
        _ accounts: Accounts, desk: LoginDesk, gitHub: (any CodeProvider)?, rates: LoginRates, logger: Logger
    ) {
        self.accounts = accounts
        self.desk = desk
        self.gitHub = gitHub
        self.rates = rates
        self.logger = logger
    }

    package func add(to router: inout Router) {
        router.on(.post, "/api/auth/github/callback") { await answering($0, gitHubCallback) }
        router.on(.post, "/api/auth/cli/deposit") { await answering($0, deposit) }
        router.on(.get, "/api/auth/cli/poll") { await answering($0, poll) }
    }

    private func gitHubCallback(_ request: Request) async throws -> Response {
        guard let gitHub else { return .error(.internalServerError, "GitHub OAuth not configured") }
        let body = FieldReader(try request.json())
        let code = try body.required("code", body.string("code"))
        try rates.countCost()
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
        try rates.countDeposit(for: state)
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
        try rates.countPoll(of: state)
        guard let login = try await desk.collect(state) else {
            return .json(raw: JSONValue.object(["status": "pending"]).encoded(), status: .accepted)
        }
        return .json(raw: login)
    }

    private static let badState = Response.error(.badRequest, "Invalid state format")
}

// MARK: - What goes wrong

extension LoginRoutes {
    /// What a route answers is secret and is kept by nobody on the way.
    private func answering(_ request: Request, _ route: (Request) async throws -> Response) async -> Response {
        do {
            return try await route(request).with("Cache-Control", "no-store")
        } catch {
            logger.tellOfLogin(error)
            return Self.answer(to: error)
        }
    }

    private static func answer(to error: any Error) -> Response {
        switch error {
        case is AskingRates.TooOften:
            .error(.tooManyRequests, "This login is asked for too often; try again in a moment")
                .with("Retry-After", "1")
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
