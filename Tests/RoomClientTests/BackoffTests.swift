import RoomClient
import Testing

@Suite struct BackoffTests {
    @Test func theSpanDoublesUpToTheLongest() {
        var backoff = Backoff()
        backoff.first = .milliseconds(100)
        backoff.longest = .milliseconds(1000)
        var spans: [Duration] = []
        for _ in 0..<6 {
            spans.append(backoff.span)
            _ = backoff.next()
        }
        #expect(spans == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
    }

    @Test func everyWaitLiesWithinItsSpan() {
        var backoff = Backoff()
        for _ in 0..<1000 {
            let span = backoff.span
            let wait = backoff.next()
            #expect(wait >= .zero && wait <= span)
        }
    }

    @Test func waitsDiffer() {
        let waits = Set(
            (0..<100).map { _ in Backoff() }.map { backoff in
                var backoff = backoff
                return backoff.next()
            })
        #expect(waits.count > 90)
    }

    @Test func aResetBeginsAnew() {
        var backoff = Backoff()
        let first = backoff.span
        for _ in 0..<5 { _ = backoff.next() }
        #expect(backoff.span > first)
        backoff.reset()
        #expect(backoff.span == first)
    }
}
