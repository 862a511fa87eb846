import Cryptography
import HTTPFetching
import RoomCore
import Synchronization

/// Speaks S3 with one bucket: signs, sends, tries again, and reads what is answered.
final class S3Client: Sendable {
    typealias Send = @Sendable (FetchRequest) async throws(FetchFault) -> FetchResponse

    let settings: S3Settings
    let surroundings: S3Surroundings
    let fetcher: HTTPFetcher
    private let keeper: CredentialsKeeper
    /// Seconds the server's clock is ahead of ours.
    private let skew = Mutex<Int64>(0)

    /// How far apart clocks may be before a refusal without words is laid to them.
    private static let tolerance: Int64 = 600

    init(_ settings: S3Settings, _ surroundings: S3Surroundings) {
        self.settings = settings
        self.surroundings = surroundings
        fetcher = HTTPFetcher(FetchSettings(caFile: settings.caFile))
        keeper = CredentialsKeeper(settings.credentials, fetcher: fetcher, clock: surroundings.clock)
    }

    var host: String { settings.server.authority }

    func whole(_ key: String) -> String { settings.prefix.isEmpty ? key : "\(settings.prefix)/\(key)" }

    func perform(_ call: S3Call) async throws(S3Fault) -> S3Answer {
        try await perform(call) { request throws(FetchFault) in try await self.fetcher.fetch(request) }
    }

    /// - Parameter send: begins anew with each attempt.
    func perform(_ call: S3Call, by send: Send) async throws(S3Fault) -> S3Answer {
        var pauses = RetryPauses(patience: settings.patience)
        var mayHaveActed = false
        var corrections = Corrections()
        while true {
            do throws(S3Fault) {
                return try await attempt(call, by: send, &corrections)
            } catch {
                guard error.isPassing else { throw error.marked(isRepeat: mayHaveActed) }
                mayHaveActed = mayHaveActed || error.mayHaveActed
                guard let pause = pauses.next(jitter: surroundings.jitter()) else { throw error }
                do { try await Task.sleep(for: pause) } catch { throw .unreached(.cancelled) }
            }
        }
    }

    /// What was mended during one call, each once.
    private struct Corrections {
        var clock = false
        var credentials = false
    }

    /// One attempt; one more at once, when the clock or the credentials were at fault and could be mended.
    private func attempt(
        _ call: S3Call, by send: Send, _ corrections: inout Corrections
    ) async throws(S3Fault) -> S3Answer {
        while true {
            let credentials = try await currentCredentials()
            let response: FetchResponse
            do { response = try await send(signed(call, with: credentials)) } catch { throw .unreached(error) }
            let failsLate = call.mayFailLate && (try? XMLElement(response.body))?.name == "Error"
            if response.isSuccess, !failsLate { return S3Answer(response: response) }
            let refusal = S3Refusal(response)
            if !corrections.clock, correctClock(refusal, response) {
                corrections.clock = true
            } else if !corrections.credentials, refusal.saysExpired, await keeper.discard(credentials) {
                corrections.credentials = true
            } else {
                throw .refused(refusal)
            }
        }
    }

    func currentCredentials() async throws(S3Fault) -> S3Credentials {
        do { return try await keeper.credentials() } catch { throw .noCredentials(error) }
    }

    /// True when the server's `Date` explains the refusal and is taken over.
    private func correctClock(_ refusal: S3Refusal, _ response: FetchResponse) -> Bool {
        guard refusal.status == 403, let there = response.header("Date").flatMap(Timestamp.init(httpDate:)) else {
            return false
        }
        let offset = there.seconds - surroundings.clock().seconds
        let difference = abs(offset - skew.withLock { $0 })
        guard refusal.code == "RequestTimeTooSkewed" || refusal.code.isEmpty && difference > Self.tolerance else {
            return false
        }
        skew.withLock { $0 = offset }
        surroundings.events(.clockSkewed(seconds: offset))
        return true
    }

    /// The server's time.
    func signingTime() -> Timestamp { surroundings.clock().advanced(bySeconds: skew.withLock { $0 }) }
}

extension S3Fault {
    fileprivate func marked(isRepeat: Bool) -> S3Fault {
        guard case .refused(var refusal) = self else { return self }
        refusal.isRepeat = isRepeat
        return .refused(refusal)
    }
}
