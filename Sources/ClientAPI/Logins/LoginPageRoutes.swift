import HTTPServing
import HTTPWire
import Logging
import RoomService

/// `/login`: a person logs a program in, by a credential at hand or by a provider.
package struct LoginPageRoutes: Sendable {
    private let accounts: Accounts
    private let desk: LoginDesk
    private let logins: BrowserLogins
    private let origins: AllowedOrigins
    /// The address users see.
    private let address: @Sendable () -> String
    private let rates: LoginRates
    private let logger: Logger

    /// Knows the browser again that went to a provider.
    private static let journeyCookie = "sleap-rooms-login"
    /// Says whose page, with its warning, this browser has been shown: the hash of the program's state.
    private static let pageCookie = "sleap-rooms-page"
    private static let cookieSeconds = 600

    package init(
        _ accounts: Accounts, desk: LoginDesk, logins: BrowserLogins, origins: AllowedOrigins,
        address: @escaping @Sendable () -> String, rates: LoginRates, logger: Logger
    ) {
        self.accounts = accounts
        self.desk = desk
        self.logins = logins
        self.origins = origins
        self.address = address
        self.rates = rates
        self.logger = logger
    }

    package func add(to router: inout Router) {
        router.on(.get, "/login") { answer($0) }
        router.on(.post, "/login") { request in await answering { try await takeCredential(request) } }
        router.on(.get, "/login/style.css") { _ in
            Response(.ok, type: "text/css; charset=utf-8", Array(LoginPage.style.utf8))
                .with("X-Content-Type-Options", "nosniff").with("Cache-Control", "max-age=3600")
        }
        router.on(.get, "/login/with/:provider") { request in await answering { try await depart(request) } }
        router.on(.get, "/login/with/:provider/return") { request in await answering { try await arrive(request) } }
    }

    private var page: LoginPage {
        let place = address().split(separator: "/", omittingEmptySubsequences: false).dropFirst(3)
        return LoginPage(prefix: place.isEmpty ? "" : "/" + LoginPage.escaped(place.joined(separator: "/")))
    }

    private func answer(_ request: Request) -> Response {
        guard let state = request.head.query.first("cli_state").flatMap(LoginState.init) else { return lost }
        // Strict, so that a link of another site does not bring it along.
        return page.asking(state.text, logins.providers.map { ($0.slug, $0.title) })
            .with("Set-Cookie", cookie(Self.pageCookie, state.hash, seconds: Self.cookieSeconds, sameSite: "Strict"))
    }

    private var lost: Response {
        page.refusing(.badRequest, "Run sleap-rtc login and open the address that it prints: this one has no cli_state")
    }

    /// A credential from the page's form. Another site's page cannot send one.
    private func takeCredential(_ request: Request) async throws -> Response {
        guard origins.isOwn(request.head) else {
            return page.refusing(.forbidden, "This form is not this server's own")
        }
        let text = String(decoding: request.body, as: UTF8.self)
        let form = (try? HTTPRequestHead(method: .get, target: "/?" + text))?.query
        guard let state = form?.first("cli_state").flatMap(LoginState.init) else { return lost }
        let credential = (form?.first("credential") ?? "").filter { !$0.isWhitespace }
        try rates.countCost()
        guard let grant = try await accounts.logIn(bearer: credential) else { throw LoginDesk.Fault.badCredential }
        try await desk.deposit(grant, at: state.place)
        return page.done()
    }

    /// Begins only from our page: another site that sends a browser here, with a state of its own, would collect the
    /// login of whoever is logged in at the provider, who would have seen no warning.
    private func depart(_ request: Request) async throws -> Response {
        guard let state = request.head.query.first("cli_state").flatMap(LoginState.init) else { return lost }
        guard cookie(Self.pageCookie, of: request) == state.hash else { return answer(request) }
        try rates.countDeparture(for: state)
        let slug = request.parameters["provider"] ?? ""
        let departure = try await logins.begin(
            with: slug, for: state.place, returningTo: "\(address())/login/with/\(slug)/return")
        return Response.empty(.seeOther).with("Location", departure.address)
            .with("Set-Cookie", journeyCookie(departure.cookie, seconds: Self.cookieSeconds)).sealed
    }

    private func arrive(_ request: Request) async throws -> Response {
        let query = request.head.query
        guard let state = query.first("state"), let code = query.first("code"), state.utf8.count <= 256,
            code.utf8.count <= 4096
        else {
            return page.refusing(.badRequest, "The login was not finished there; run sleap-rtc login again")
        }
        try rates.countCost()
        try await logins.finish(
            with: request.parameters["provider"] ?? "", state: state, code: code,
            cookie: cookie(Self.journeyCookie, of: request))
        return page.done().with("Set-Cookie", journeyCookie("", seconds: 0))
    }

    /// Lax, since the browser comes back from another site.
    private func journeyCookie(_ value: String, seconds: Int) -> String {
        cookie(Self.journeyCookie, value, seconds: seconds, sameSite: "Lax")
    }

    private func cookie(_ name: String, _ value: String, seconds: Int, sameSite: String) -> String {
        let secure = address().hasPrefix("https://") ? "; Secure" : ""
        let place = "Path=\(page.prefix)/login; Max-Age=\(seconds)"
        return "\(name)=\(value); \(place); HttpOnly; SameSite=\(sameSite)\(secure)"
    }

    private func cookie(_ name: String, of request: Request) -> String? {
        let pairs = request.head.fields.all("cookie").flatMap { $0.split(separator: ";") }
        let mark = name + "="
        return pairs.map { $0.drop { $0 == " " } }.first { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
    }
}

// MARK: - What goes wrong

extension LoginPageRoutes {
    private func answering(_ route: () async throws -> Response) async -> Response {
        do {
            return try await route()
        } catch {
            logger.tellOfLogin(error)
            return answer(to: error)
        }
    }

    private func answer(to error: any Error) -> Response {
        switch error {
        case is AskingRates.TooOften:
            page.refusing(.tooManyRequests, "This login is tried too often; try again in a moment")
        case LoginDesk.Fault.badCredential:
            page.refusing(.unauthorized, "This is no account key and no JWT of this server, or it is no longer good")
        case LoginDesk.Fault.taken:
            page.refusing(.conflict, "Somebody logged this program in already; run sleap-rtc login again")
        case LoginDesk.Fault.mismatch(let text): page.refusing(.badRequest, text)
        case BrowserLogins.Fault.noSuchProvider: page.refusing(.notFound, "This server has no such login")
        case BrowserLogins.Fault.lost:
            page.refusing(.badRequest, "This login has expired or was used already; run sleap-rtc login again")
        case BrowserLogins.Fault.otherBrowser:
            page.refusing(
                .forbidden, "The login was begun in another browser, or at another address than \(address())/login")
        case ProviderFault.refused(let text): page.refusing(.badRequest, text)
        case ProviderFault.unavailable:
            page.refusing(.serviceUnavailable, "The login provider cannot be reached just now; try again")
        case IssuerFault.unavailable:
            page.refusing(
                .serviceUnavailable, "The issuer of this token cannot be asked for its keys just now; try again")
        default: page.refusing(.serviceUnavailable, "Logins cannot be kept just now; try again")
        }
    }
}
