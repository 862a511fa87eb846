import Synchronization
import Testing

@testable import IdentityProviders

/// Who waits for an issuer that hangs. A test that would wait for it too never ends, and fails by its time limit.
@Suite(.timeLimit(.minutes(1))) struct KeptDocumentTests {
    /// An issuer that answers when the test says so.
    private final class Issuer: Sendable {
        struct State {
            var now: Duration = .seconds(1000)
            var fetches = 0
            var waiting: [CheckedContinuation<Int?, Never>] = []
        }

        private let state = Mutex(State())
        var now: Duration { state.withLock { $0.now } }
        var fetches: Int { state.withLock { $0.fetches } }

        func pass(_ seconds: Int) { state.withLock { $0.now += .seconds(seconds) } }

        func fetch() async -> Int? {
            await withCheckedContinuation { continuation in
                state.withLock {
                    $0.fetches += 1
                    $0.waiting.append(continuation)
                }
            }
        }

        /// Answers the next fetch, once there is one.
        func answer(_ document: Int?) async {
            while true {
                let next = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
                if let next { return next.resume(returning: document) }
                await Task.yield()
            }
        }

        /// Once so many were begun.
        func isAsked(times count: Int) async {
            while fetches < count { await Task.yield() }
        }
    }

    private func document(of issuer: Issuer) -> KeptDocument<Int> {
        KeptDocument(IssuerPatience(), elapsed: { issuer.now }, fetch: { await issuer.fetch() })
    }

    /// A document of which a copy is held that is no longer fresh, and whose last fetch was lost.
    private func lost(_ issuer: Issuer) async -> KeptDocument<Int> {
        let document = document(of: issuer)
        async let first = document.copy()
        await issuer.answer(1)
        #expect(await first?.document == 1)
        issuer.pass(600)
        async let second = document.copy()
        await issuer.answer(nil)
        #expect(await second?.document == 1)
        issuer.pass(10)
        return document
    }

    @Test func nobodyWaitsForAnIssuerThatHangsWhileACopyIsUsable() async throws {
        let issuer = Issuer()
        let document = await lost(issuer)
        for _ in 0..<3 { #expect(await document.copy()?.document == 1) }
        await issuer.isAsked(times: 3)
        let held = try #require(await document.copy())
        #expect(await document.copy(after: held) == nil)
        #expect(issuer.fetches == 3)

        await issuer.answer(2)
        while await document.copy()?.document != 2 { await Task.yield() }
        #expect(await document.copy(after: held)?.document == 2)
    }

    @Test func withoutAUsableCopyOneAloneWaitsForAnIssuerThatWasLost() async {
        let issuer = Issuer()
        let document = await lost(issuer)
        issuer.pass(86_400)
        async let one = document.copy()
        await issuer.isAsked(times: 3)
        #expect(await document.copy() == nil)
        await issuer.answer(3)
        #expect(await one?.document == 3)
    }

    @Test func everyoneWaitsForTheFirstFetchOfAnIssuerThatIsWell() async {
        let issuer = Issuer()
        let document = document(of: issuer)
        async let one = document.copy()
        async let two = document.copy()
        await issuer.answer(7)
        let found = await [one?.document, two?.document]
        #expect(found == [7, 7] && issuer.fetches == 1)
    }
}
