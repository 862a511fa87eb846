import Logging
import RoomCore
import Synchronization
import Testing

@testable import RoomService

/// What is written of a store that is away.
@Suite struct OutageTests {
    private let clock = TestClock()
    private let lines = HeardLines()

    private func log() -> OutageLog {
        let clock = clock
        return OutageLog(
            OutageLog.Sentences(begun: "begun", going: "going", ended: "ended"), logger: lines.logger,
            clock: { clock.now })
    }

    @Test func aThousandFailuresAreOneLineAMinuteAndOneAtTheEnd() {
        let log = log()
        for _ in 0..<1_000 { log.failed("away") }
        #expect(lines.all == ["begun 1"])
        clock.advance(seconds: 59)
        log.failed("away")
        #expect(lines.all.count == 1)
        clock.advance(seconds: 1)
        log.failed("away", count: 5)
        log.failed("away")
        #expect(lines.all == ["begun 1", "going 1005"])
        for _ in 0..<1_000 { log.succeeded() }
        #expect(lines.all == ["begun 1", "going 1005", "ended 1007"])
    }

    @Test func whatWorksIsNotSpokenOf() {
        log().succeeded()
        #expect(lines.all.isEmpty)
    }

    @Test func aStoreThatComesAndGoesFloodsNothing() {
        let log = log()
        for _ in 0..<1_000 {
            log.failed("away")
            log.succeeded()
        }
        #expect(lines.all == ["begun 1", "ended 1"])
        clock.advance(seconds: 60)
        log.failed("away")
        #expect(lines.all == ["begun 1", "ended 1", "begun 1000"])
    }

    @Test func anotherOutageAfterAMinuteIsToldOfAnew() {
        let log = log()
        log.failed("away")
        log.succeeded()
        clock.advance(seconds: 61)
        log.failed("away")
        log.succeeded()
        #expect(lines.all == ["begun 1", "ended 1", "begun 1", "ended 1"])
    }

    @Test func writesThatFailByTheHundredAreOneLineAndOneWhenTheyWorkAgain() async throws {
        let lines = HeardLines()
        let service = try await Service(logger: lines.logger)
        let peer = try await service.client(try await service.starter())
        service.manifests.fail(.unavailable)
        for number in 0..<200 { #expect(try await peer.publish(number.modelID)["code"] == "UNAVAILABLE") }
        service.manifests.fail(.none)
        #expect(try await peer.publish("00000001")["type"] == "registry_published")
        let durable = lines.all.filter { $0.contains("durable") }
        #expect(durable == ["writes could not be made durable 1", "writes are made durable again 200"])
        #expect(lines.all.count < 20)
    }
}

/// A logger's lines with their counts.
final class HeardLines: LogHandler, Sendable {
    private let heard = Mutex<[String]>([])

    var all: [String] { heard.withLock { $0 } }
    var logger: Logger { Logger(label: "heard") { _ in self } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .debug }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let count = event.metadata?["count"].map { " \($0)" } ?? ""
        heard.withLock { $0.append("\(event.message)\(count)") }
    }
}
