import ClientAPI
import HTTPFetching
import HTTPServing
import IdentityProviders
import Logging
import RoomService
import RoomStorage

/// Who may vouch for users, and which pages may let them in.
struct Logins: Sendable {
    let issuers: OIDCIssuers
    private let gitHub: GitHubLogin?
    let origins: AllowedOrigins
    private let address: @Sendable () -> String
    private let logger: Logger

    /// Each issuer and GitHub fetch apart: none waits for another.
    init(_ configuration: Configuration, at address: PublicAddress, logger: Logger) {
        let settings = configuration.logins
        issuers = OIDCIssuers(
            settings.issuers,
            fetching: FetchSettings(caFile: settings.issuersCAFile, activeLimit: 16),
            elapsed: steadyClock, clock: wallClock, logger: logger)
        gitHub = settings.gitHub.map {
            GitHubLogin($0, fetcher: HTTPFetcher(FetchSettings(activeLimit: 16)), logger: logger)
        }
        self.logger = logger
        self.address = { address.base }
        origins = AllowedOrigins(settings.allowedOrigins, ownAddress: { address.base })
    }

    func add(to router: inout Router, _ accounts: Accounts, _ handovers: any HandoverStore) {
        let desk = LoginDesk(accounts, store: handovers)
        let providers = issuers.codeProviders + (gitHub.map { [$0] } ?? [])
        let rates = LoginRates(elapsed: steadyClock)
        LoginRoutes(accounts, desk: desk, gitHub: gitHub, rates: rates, logger: logger).add(to: &router)
        LoginPageRoutes(
            accounts, desk: desk,
            logins: BrowserLogins(providers, accounts: accounts, desk: desk, store: handovers), origins: origins,
            address: address, rates: rates, logger: logger
        ).add(to: &router)
    }
}
