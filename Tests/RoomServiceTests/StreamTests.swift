import EmbeddedStorage
import JSONWire
import Logging
import RoomCore
import RoomStorage
import Synchronization
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

    /// A reader that showed who it is.
    func member(_ name: String) throws -> StreamReader {
        try read(try #require(StreamChannel(name)), in: RoomID(trusted: "lab"), after: nil)
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

    @Test func aWorkersStreamStaysWithItsRoomWhileItsWorkerIsThere() async throws {
        let service = try await Service()
        service.live.renew([], of: ServerID("one"), for: .seconds(60))
        let frame = { (number: Int) -> JSONObject in ["type": "fs_list_res", "n": .integer(number)] }
        let ann = try await service.starter()
        let first = try await service.worker(ann, "w1")
        let second = try await service.worker(try await service.starter("eve", room: "elsewhere"), "w1")
        await first.say(frame(1))
        try await eventually("the first has it") { service.counters.eventsPublished.value == 1 }
        await second.say(frame(2))
        try await eventually("the second is refused") { service.counters.eventsDropped.value == 1 }
        await first.leave()
        await second.say(frame(3))
        try await eventually("the second has it") { service.counters.eventsPublished.value == 2 }
        #expect(try await service.streams.numbers(of: "worker:w1", 1) == [3])
        let back = try await service.worker(ann, "w1")
        await back.say(frame(4))
        try await eventually("the first is refused") { service.counters.eventsDropped.value == 2 }
    }

    @Test func onlyTheWorkersOwnCredentialTellsItsStreamOverHTTP() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        _ = try await service.worker(ann, "w1")
        let desk = WorkerDesk(accounts: service.accounts, directory: service.directory)
        let channel = try #require(StreamChannel("worker:w1"))
        let owner = try #require(try await service.accounts.caller(bearer: ann.jwt))
        let worker = try #require(try await service.accounts.caller(bearer: ann.workerToken ?? ""))
        await #expect(throws: RelayRefusal(.notYours)) {
            try await desk.publish(["n": 1], to: channel, in: ann.room.id, by: owner)
        }
        try await desk.publish(["n": 2], to: channel, in: ann.room.id, by: worker)
        #expect(try await service.streams.numbers(of: "worker:w1", 1) == [2])
    }

    @Test func onlyWorkersTellStreams() async throws {
        let service = try await Service()
        let client = try await service.client(try await service.starter())
        await client.say(all: progress([1]))
        #expect(client.channel.frames(of: "error").first?["code"] == "FORBIDDEN")
        #expect(service.counters.eventsDropped.value == 1)
    }

    @Test func aViewerTellsNoStreamAsAWorkerEither() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let jwt = try await service.member("eve", of: starter, role: .viewer)
        let viewer = try await service.client(starter, "eve", with: ["jwt": .string(jwt), "role": "worker"])
        await viewer.say(all: progress([1]))
        #expect(service.counters.eventsDropped.value == 1)
        #expect(service.streams.counts.streams == 0 && viewer.channel.frames(of: "error").isEmpty)
    }

    @Test func aWorkerOverItsRateIsHeardLaterAndLosesNothing() async throws {
        let service = try await Service { $0.limits.requestsPerSecond = 50 }
        let worker = try await service.worker(try await service.starter())
        await worker.say(all: progress(1...50))
        #expect(!worker.channel.isPaused)
        await worker.say(all: progress(51...60))
        #expect(worker.channel.isPaused && worker.channel.pauses == 1)
        #expect(try await service.streams.numbers(of: "job_1", 60) == Array(1...60))
        service.clock.advance(seconds: 1)
        try await eventually("it is heard again") { !worker.channel.isPaused }
        #expect(service.counters.eventsDropped.value == 0)
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
        var readers = [try streams.member("a"), try streams.member("a")]
        #expect(throws: StreamRefusal.full) { try streams.read("a") }
        readers.append(try streams.read("b"))
        #expect(throws: StreamRefusal.full) { try streams.read("c") }
        readers.removeFirst()
        readers.append(try streams.read("c"))
        #expect(streams.counts.readers == 3)
        readers = []
        #expect(streams.counts.readers == 0)
    }

    @Test func whatIsReadForAReaderThatLeftIsNotHeld() async throws {
        let handovers = LateHandovers()
        let streams = EventStreams.alone(handovers: handovers)
        let writer = StreamWriter(peer: PeerID(trusted: "w1"), owner: "token:1")
        let channel = try #require(StreamChannel("a"))
        try await streams.keep(Array("{}".utf8), to: channel, in: RoomID(trusted: "lab"), by: writer)
        for moment in LateHandovers.Moment.allCases {
            let reader = Mutex<StreamReader?>(nil)
            handovers.call(at: moment) { reader.withLock { $0 = nil } }
            try reader.withLock { $0 = try streams.read(channel, in: nil, after: nil) }
            handovers.release()
            try await eventually("the pump stands still") { streams.counts.streams == 0 }
            #expect(streams.state.withLock { $0.heldBytes } == 0, "\(moment)")
        }
    }

    @Test func aFullStreamLetsGoOfTheStrangerThatReadsLongest() async throws {
        let streams = EventStreams.alone { $0.readersOfOne = 3 }
        let member = try streams.member("a")
        let (first, second) = (try streams.read("a"), try streams.read("a"))
        let third = try streams.member("a")
        #expect(await first.next() == nil)
        let fourth = try streams.read("a")
        #expect(await second.next() == nil)
        #expect(streams.counts.readers == 3)
        for _ in 0..<15 { streams.turn() }
        for reader in [member, third, fourth] { #expect(await reader.next() == StreamEvent.keepalive) }
        let fifth = try streams.member("a")
        #expect(await fourth.next() == nil)
        #expect(throws: StreamRefusal.full) { try streams.member("a") }
        #expect(streams.counts.readers == 3 && fifth.room != nil)
    }

    @Test func otherServersHearOfAStreamOnlyWhenSomethingIsKept() async throws {
        let live = InProcessLiveRooms(elapsed: { .zero })
        let heard = Atomic<Int>(0)
        let listener = await live.listen(as: ServerID("other")) { _ in heard.add(1, ordering: .relaxed) }
        defer { listener.cancel() }
        let streams = EventStreams.alone(live: live)
        let (lab, other) = (RoomID(trusted: "lab"), RoomID(trusted: "other"))
        let writer = StreamWriter(peer: PeerID(trusted: "w1"), owner: "token:1")
        let channel = try #require(StreamChannel("job_1"))
        try await streams.keep(Array("{}".utf8), to: channel, in: lab, by: writer)
        for _ in 0..<3 {
            await #expect(throws: StreamRefusal.notYours) {
                try await streams.keep(Array("{}".utf8), to: channel, in: other, by: writer)
            }
        }
        try await streams.keep(Array("{}".utf8), to: channel, in: lab, by: writer)
        // News comes in order, so this one is the last.
        live.broadcast([0], from: ServerID("alone"))
        try await eventually("the end") { heard.load(ordering: .relaxed) >= 3 }
        #expect(heard.load(ordering: .relaxed) == 3)
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
    static func alone(
        handovers: any HandoverStore = InProcessHandovers(elapsed: { .zero }),
        live: any LiveRooms = InProcessLiveRooms(elapsed: { .zero }),
        _ configure: (inout StreamSettings) -> Void = { _ in }
    ) -> EventStreams {
        var settings = StreamSettings()
        configure(&settings)
        return EventStreams(
            handovers: handovers, live: live,
            server: ServerID("alone"), settings: settings, counters: ServiceCounters(),
            clock: { Timestamp(seconds: 1_760_000_000) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}
