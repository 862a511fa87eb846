import HTTPFetching
import RoomCore

/// The credentials of the moment: found once, found again before they expire, and by all who wait at once together.
actor CredentialsKeeper {
    private let source: S3CredentialsSource
    private let fetcher: HTTPFetcher
    private let clock: @Sendable () -> Timestamp
    private var current: S3Credentials?
    private var search: Task<Result<S3Credentials, CredentialsFault>, Never>?

    /// How long before their end credentials are renewed.
    static let margin: Int64 = 300

    init(_ source: S3CredentialsSource, fetcher: HTTPFetcher, clock: @escaping @Sendable () -> Timestamp) {
        self.source = source
        self.fetcher = fetcher
        self.clock = clock
    }

    func credentials() async throws(CredentialsFault) -> S3Credentials {
        if let current, isFresh(current) { return current }
        let search = self.search ?? Task { await find() }
        self.search = search
        let result = await search.value
        if self.search == search { self.search = nil }
        switch result {
        case .success(let found):
            current = found
            return found
        case .failure(let fault):
            // STS may be away for a while: what we have is good to its very end.
            guard let current, let end = current.expiresAt, clock() < end else { throw fault }
            return current
        }
    }

    /// Lets go of credentials the store refused, where others may be found; true then.
    func discard(_ refused: S3Credentials) -> Bool {
        if case .fixed = source { return false }
        if current == refused { current = nil }
        return true
    }

    private func isFresh(_ credentials: S3Credentials) -> Bool {
        guard let end = credentials.expiresAt else { return true }
        return clock().advanced(bySeconds: Self.margin) < end
    }

    private func find() async -> Result<S3Credentials, CredentialsFault> {
        do throws(CredentialsFault) {
            switch source {
            case .fixed(let credentials): return .success(credentials)
            case .webIdentity(let identity): return .success(try await identity.exchange(with: fetcher))
            case .file(let path, let profile):
                guard let found = CredentialsFile.credentials(of: profile, in: try await SmallFile.read(path)) else {
                    return .failure(.noProfile(path: path, profile: profile))
                }
                return .success(found)
            }
        } catch {
            return .failure(error)
        }
    }
}
