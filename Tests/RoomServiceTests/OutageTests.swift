import Cryptography
import JSONWire
import Logging
import RoomCore
import RoomStorage
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

    @Test(arguments: [FaultyManifests.Fault.unavailable, .refused])
    func aRoomIsReadFromTheLiveRoomsWhileTheRecordIsAwayOrTurnsTheServerAway(
        _ fault: FaultyManifests.Fault
    ) async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        _ = try await peer.publish("00000001")
        let archive = Archive(service.directory.dependencies)
        _ = try await archive.load(starter.room.id)
        service.manifests.fail(fault)
        let loaded = try await archive.load(starter.room.id)
        #expect(loaded?.manifest.liveCount == 1)
        await #expect(throws: StoreError.self) { try await Archive(manifests: service.manifests).load(starter.room.id) }
    }

    @Test func aReadThatWorksAgainEndsTheOutageOfReads() async throws {
        let lines = HeardLines()
        let service = try await Service(logger: lines.logger)
        let peer = try await service.client(try await service.starter())
        _ = try await peer.publish("00000001")
        service.manifests.fail(.unavailable)
        #expect(try await peer.query("history")["code"] == "UNAVAILABLE")
        service.manifests.fail(.none)
        #expect(try await peer.query("history")["changes"]?.arrayValue?.count == 1)
        let read = lines.all.filter { $0.contains("read") }
        #expect(read == ["the record could not be read 1", "the record is read again 1"])
    }

    @Test func whatDidNotTouchTheFileStoreSaysNothingOfIt() async throws {
        let lines = HeardLines()
        let service = try await Service(logger: lines.logger)
        let starter = try await service.starter()
        let peer = try await service.client(starter)
        func upload(_ id: String) async throws -> JSONObject {
            let files: JSONValue = [["path": "a.ckpt", "size": 1, "sha256": .string(SHA256.hex([1]))]]
            return try await peer.ask(["type": "registry_upload", "model_id": .string(id), "files": files])
        }
        for id in ["00000001", "00000002"] { _ = try await peer.publish(id) }
        let complete: JSONObject = [
            "type": "registry_upload_complete", "upload_id": try await upload("00000001")["upload_id"] ?? .null,
        ]
        let key = try #require(BlobKey("models/\(starter.room.id)/00000001/a.ckpt"))
        try await service.store.blobs.store([1], at: key)
        #expect(try await peer.ask(complete)["type"] == "registry_stored")
        service.store.goAway()
        #expect(try await upload("00000002")["code"] == "UNAVAILABLE")
        #expect(try await peer.ask(complete)["type"] == "registry_stored")
        #expect(lines.all.filter { $0.contains("file store") } == ["the file store could not be used 1"])
        service.store.comeBack()
        #expect(try await upload("00000002")["type"] == "registry_upload_ready")
        #expect(lines.all.filter { $0.contains("file store") }.count == 2)
        await service.record.close()
        #expect(try await upload("00000002")["code"] == "UNAVAILABLE")
        #expect(lines.all.filter { $0.contains("file store") }.count == 2)
        #expect(lines.all.contains("writes could not be made durable 1"))
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
