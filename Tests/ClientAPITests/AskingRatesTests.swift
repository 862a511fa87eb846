import Synchronization
import Testing

@testable import ClientAPI

@Suite struct AskingRatesTests {
    private final class Clock: Sendable {
        private let passed = Mutex(Duration.zero)
        var now: Duration { passed.withLock { $0 } }
        func pass(_ time: Duration) { passed.withLock { $0 += time } }
    }

    private func passes(_ rates: AskingRates, _ name: String) -> Bool {
        do {
            try rates.count(name)
            return true
        } catch { return false }
    }

    @Test func aNameHasItsBurstAndThenItsRateAndOthersHaveTheirOwn() {
        let clock = Clock()
        let rates = AskingRates(perSecond: 2, burst: 3, elapsed: { clock.now })
        #expect((0..<5).map { _ in passes(rates, "a") } == [true, true, true, false, false])
        #expect(passes(rates, "b"))
        clock.pass(.milliseconds(500))
        #expect((0..<2).map { _ in passes(rates, "a") } == [true, false])
    }

    @Test func namesAreForgottenBeforeThereAreTooMany() {
        let rates = AskingRates(perSecond: 1, burst: 1, elapsed: { .zero })
        for number in 0..<AskingRates.nameLimit { #expect(passes(rates, "\(number)")) }
        #expect(!passes(rates, "0"))
        #expect(passes(rates, "one more"))
        #expect(passes(rates, "0"))
    }
}
