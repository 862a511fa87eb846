import EmbeddedStorage
import JSONWire
import Logging
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

/// What a reader is sent, taken apart.
struct SentEvent: Equatable {
    let place: StreamPlace
    let text: String

    static func all(in lines: [UInt8]) -> [SentEvent] {
        String(decoding: lines, as: UTF8.self).split(separator: "\n\n").compactMap { block in
            let parts = block.split(separator: "\n")
            guard parts.count == 2, parts[0].hasPrefix("id: "), parts[1].hasPrefix("data: "),
                let place = StreamPlace(String(parts[0].dropFirst(4)))
            else { return nil }
            return SentEvent(place: place, text: String(parts[1].dropFirst(6)))
        }
    }

    var object: JSONObject { (try? JSONValue.parse(text, maxDepth: 64))?.objectValue ?? [:] }
}

extension StreamReader {
    /// The next events, so many at least.
    func events(_ count: Int) async -> [SentEvent] {
        var events: [SentEvent] = []
        while events.count < count, let lines = await next() { events += SentEvent.all(in: lines) }
        return events
    }
}

extension EventStreams {
    func read(_ name: String, after place: StreamPlace? = nil) throws -> StreamReader {
        try read(try #require(StreamChannel(name)), in: nil, after: place)
    }

    func numbers(of name: String, after place: StreamPlace? = nil, _ count: Int) async throws -> [Int] {
        await (try read(name, after: place)).events(count).compactMap { $0.object["n"]?.intValue }
    }
}

extension Service {
    var streams: EventStreams { directory.dependencies.streams }
}

@Suite(.timeLimit(.minutes(1))) struct StreamTests {
    private func progress(_ numbers: some Sequence<Int>, of job: String = "job_1") -> [JSONObject] {
        numbers.map { ["type": "job_progress", "job_id": .string(job), "n": .integer($0)] }
    }

    @Test(arguments: StreamVector.all) func aFrameGoesToItsStream(_ vector: StreamVector) async throws {
        let service = try await Service()
        let worker = try await service.worker(try await service.starter())
        await worker.say(vector.frame)
        guard let outcome = vector.outcome else {
            #expect(service.counters.eventsDropped.value == 1)
            #expect(worker.channel.frames(of: "error").isEmpty)
            return
        }
        let event = try #require(await (try service.streams.read(outcome.stream)).events(1).first)
        #expect(vector.isEvent(event.text), "\(event.text)")
    }

    @Test func whoComesLateGetsTheLastTwoHundredInOrderAndThenWhatComes() async throws {
        let service = try await Service()
        let worker = try await service.worker(try await service.starter())
        await worker.say(all: progress(1...250))
        try await eventually("all are kept") { service.counters.eventsPublished.value == 250 }
        let reader = try service.streams.read("job_1")
        #expect(await reader.events(200).compactMap { $0.object["n"]?.intValue } == Array(51...250))
        await worker.say(all: progress([251]))
        let last = await reader.events(1)
        #expect(last.first?.object["n"] == 251 && last.first?.place.number == 251)
    }

    @Test func whoComesBackGoesOnAfterTheLastEventItHad() async throws {
        let service = try await Service()
        let worker = try await service.worker(try await service.starter())
        await worker.say(all: progress(1...10))
        let seen = await (try service.streams.read("job_1")).events(10)
        #expect(try await service.streams.numbers(of: "job_1", after: seen[6].place, 3) == [8, 9, 10])
        // A place in a buffer that is gone is no place in this one.
        let other = StreamPlace(buffer: "0011223344556677", number: 7)
        #expect(try await service.streams.numbers(of: "job_1", after: other, 10) == Array(1...10))
    }

    @Test func aReaderOnAnotherServerHearsEachEventOnceInOrder() async throws {
        let one = try await Service()
        let ann = try await one.starter()
        let two = try await Service(sharing: one, server: "two")
        let turning = [Task { await one.directory.run() }, Task { await two.directory.run() }]
        defer { for task in turning { task.cancel() } }
        for service in [one, two] { await service.directory.isHearing() }
        let worker = try await one.worker(ann)
        await worker.say(all: progress(1...20))
        async let there = two.streams.numbers(of: "job_1", 150)
        async let here = one.streams.numbers(of: "job_1", 150)
        for start in stride(from: 21, to: 150, by: 13) {
            await worker.say(all: progress(start..<min(start + 13, 151)))
        }
        #expect(try await there == Array(1...150))
        #expect(try await here == Array(1...150))
    }

    @Test func aJobsStreamTakesWordOnlyFromTheWorkerThatHasTheJob() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let worker = try await service.worker(ann, "worker-1")
        let other = try await service.worker(ann, "worker-2")
        await worker.say(all: progress([1]))
        try await eventually("the job is taken") { service.counters.eventsPublished.value == 1 }
        await other.say(all: progress([666]))
        try await eventually("the other is refused") { service.counters.eventsDropped.value == 1 }
        let stranger = try await service.worker(try await service.starter("eve", room: "elsewhere"), "worker-1")
        await stranger.say(all: progress([667]))
        try await eventually("the stranger is refused") { service.counters.eventsDropped.value == 2 }
        await worker.say(all: progress([2]))
        #expect(try await service.streams.numbers(of: "job_1", 2) == [1, 2])
        #expect(other.channel.frames(of: "error").isEmpty)
    }

    @Test func onlyWorkersTellStreams() async throws {
        let service = try await Service()
        let client = try await service.client(try await service.starter())
        await client.say(all: progress([1]))
        #expect(client.channel.frames(of: "error").first?["code"] == "FORBIDDEN")
        #expect(service.counters.eventsDropped.value == 1)
    }

    @Test func aRoomOpensSoManyStreamsAnHour() async throws {
        let service = try await Service { $0.streams.openingsPerHour = 2 }
        let worker = try await service.worker(try await service.starter())
        for number in 1...3 { await worker.say(all: progress([number], of: "job_\(number)")) }
        try await eventually("one is refused") { service.counters.eventsDropped.value == 1 }
        service.clock.advance(seconds: 3601)
        await worker.say(all: progress([4], of: "job_4"))
        #expect(try await service.streams.numbers(of: "job_4", 1) == [4])
    }

    @Test func aStreamOfLargeEventsKeepsFew() async throws {
        let service = try await Service { $0.streams.keptBytes = 40_000 }
        let worker = try await service.worker(try await service.starter())
        let padding = JSONValue.string(String(repeating: "x", count: 10_000))
        for event in progress(1...10) { await worker.say(event.with(["padding": padding])) }
        try await eventually("all are kept") { service.counters.eventsPublished.value == 10 }
        #expect(try await service.streams.numbers(of: "job_1", 3) == [8, 9, 10])
    }

    @Test func aStreamThatEndedAndBeganAnewGivesNoPlaceASecondTime() async throws {
        let service = try await Service()
        let worker = try await service.worker(try await service.starter())
        await worker.say(all: progress([1]))
        let reader = try service.streams.read("job_1")
        let first = await reader.events(1)
        service.clock.advance(seconds: 3601)
        await worker.say(all: progress([2]))
        let second = await reader.events(1)
        #expect(second.first?.object["n"] == 2)
        #expect(first.first?.place != second.first?.place)
    }

    @Test func aReaderThatTakesNothingHoldsUpNobody() async throws {
        let service = try await Service()
        let worker = try await service.worker(try await service.starter())
        let idle = try service.streams.read("job_1")
        let reader = try service.streams.read("job_1")
        await worker.say(all: progress(1...150))
        #expect(await reader.events(150).count == 150)
        #expect(await idle.events(150).compactMap { $0.object["n"]?.intValue } == Array(1...150))
    }

    @Test func readersAreBoundedAndLeaveTheirPlaces() throws {
        let settings = { (settings: inout StreamSettings) in (settings.readers, settings.readersOfOne) = (3, 2) }
        let streams = EventStreams.alone(settings)
        var readers = [try streams.read("a"), try streams.read("a")]
        #expect(throws: StreamRefusal.full) { try streams.read("a") }
        readers.append(try streams.read("b"))
        #expect(throws: StreamRefusal.full) { try streams.read("c") }
        readers.removeFirst()
        readers.append(try streams.read("c"))
        #expect(streams.counts.readers == 3)
        readers = []
        #expect(streams.counts.readers == 0)
    }

    @Test func aQuietReaderIsToldThatItsConnectionLives() async throws {
        let streams = EventStreams.alone { $0.keepaliveSeconds = 3 }
        let reader = try streams.read("a")
        for _ in 0..<3 { streams.turn() }
        #expect(await reader.next() == StreamEvent.keepalive)
    }

    @Test func aReaderEndsWhenTheServerGoesOrItsTaskIsCancelled() async throws {
        let streams = EventStreams.alone()
        let (first, second) = (try streams.read("a"), try streams.read("a"))
        let task = Task { await first.next() }
        task.cancel()
        #expect(await task.value == nil)
        streams.close()
        #expect(await second.next() == nil)
        #expect(throws: StreamRefusal.full) { try streams.read("a") }
    }
}

extension EventStreams {
    /// Streams without a server around them.
    static func alone(_ configure: (inout StreamSettings) -> Void = { _ in }) -> EventStreams {
        var settings = StreamSettings()
        configure(&settings)
        return EventStreams(
            handovers: InProcessHandovers(elapsed: { .zero }), live: InProcessLiveRooms(elapsed: { .zero }),
            server: ServerID("alone"), settings: settings, counters: ServiceCounters(),
            clock: { Timestamp(seconds: 1_760_000_000) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}
