import Logging
import RoomCore
import RoomStorage
import Synchronization
import WireMessages

/// The streams of events: what workers tell of themselves and of jobs, for whoever reads along, on any server.
///
/// ```
/// a frame of a worker ─► waiting ─► (the pump of its stream) ─► buffer in the hand-over store ─► word to other servers
///                                                                       │
/// readers here ◄── held: the events of the buffer, as lines ◄───────────┘  read by number
/// ```
/// Events reach readers only through the buffer, in the order of their numbers: nothing comes twice or out of order,
/// and a lost word is made good by the next look. A reader takes what is held at its own pace and keeps nothing
/// waiting; one that falls behind what is kept goes on with the oldest event that still is.
package final class EventStreams: Sendable {
    struct Waiting: Sendable {
        let text: [UInt8]
        let room: RoomID
        let writer: StreamWriter
        let at: Timestamp
        let answer: (@Sendable (Result<Void, StreamRefusal>) -> Void)?
    }

    /// One stream while it is written or read here.
    struct Stream {
        var waiting: [Waiting] = []
        var waitingBytes = 0
        var readers: [ObjectIdentifier: StandingReader] = [:]
        /// The events of `buffer` up to `newest`, as lines.
        var held: [Held] = []
        var buffer = ""
        var newest = 0
        var mustRead = false
        var isPumping = false

        /// The reader that reads longest without having shown who it is.
        var longestStranger: ObjectIdentifier? {
            readers.filter(\.value.isStranger).min { $0.value.number < $1.value.number }?.key
        }
    }

    struct Held {
        let number: Int
        let lines: [UInt8]
    }

    struct StandingReader {
        weak var reader: StreamReader?
        /// Who came earlier has the lower one.
        let number: Int
        let isStranger: Bool
    }

    struct State {
        var streams: [StreamChannel: Stream] = [:]
        var waitingBytes = 0
        var heldBytes = 0
        var readers = 0
        var lastReader = 0
        var openings: [RoomID: Int] = [:]
        var openingsSince = Timestamp(seconds: 0)
        var isClosed = false

        /// Takes what a stream holds out of the count, and forgets which buffer it was of.
        mutating func letGo(of stream: inout Stream) {
            heldBytes -= stream.held.reduce(0) { $0 + $1.lines.count }
            stream.held = []
            stream.buffer = ""
            stream.newest = 0
        }
    }

    let handovers: any HandoverStore
    let live: any LiveRooms
    let server: ServerID
    let settings: StreamSettings
    let counters: ServiceCounters
    let clock: @Sendable () -> Timestamp
    let logger: Logger
    let state = Mutex(State())

    init(
        handovers: any HandoverStore, live: any LiveRooms, server: ServerID, settings: StreamSettings,
        counters: ServiceCounters, clock: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.handovers = handovers
        self.live = live
        self.server = server
        self.settings = settings
        self.counters = counters
        self.clock = clock
        self.logger = logger
    }

    /// Streams that are written or read here at this moment, and their readers.
    package var counts: (streams: Int, readers: Int) { state.withLock { ($0.streams.count, $0.readers) } }
}

// MARK: - Writing

extension EventStreams {
    /// Takes an event to be kept, and never waits; `answer` hears what became of it.
    package func publish(
        _ text: [UInt8], to channel: StreamChannel, in room: RoomID, by writer: StreamWriter,
        answer: (@Sendable (Result<Void, StreamRefusal>) -> Void)? = nil
    ) {
        let event = Waiting(text: text, room: room, writer: writer, at: clock(), answer: answer)
        let isTaken = state.withLock { state in
            let standing = state.streams[channel]?.waitingBytes ?? 0
            guard standing + text.count <= settings.waitingBytes || standing == 0,
                state.waitingBytes + text.count <= settings.allWaitingBytes
            else { return false }
            state.streams[channel, default: Stream()].waiting.append(event)
            state.streams[channel]?.waitingBytes += text.count
            state.waitingBytes += text.count
            return true
        }
        guard isTaken else {
            counters.eventsDropped.count()
            answer?(.failure(.full))
            return
        }
        startPump(of: channel)
    }

    /// The same for who can wait: when it returns, the event is kept.
    package func keep(
        _ text: [UInt8], to channel: StreamChannel, in room: RoomID, by writer: StreamWriter
    ) async throws(StreamRefusal) {
        let result: Result<Void, StreamRefusal> = await withCheckedContinuation { continuation in
            publish(text, to: channel, in: room, by: writer) { continuation.resume(returning: $0) }
        }
        try result.get()
    }
}

// MARK: - Hearing

extension EventStreams {
    /// Another server kept something.
    func hear(_ note: StreamNote) { look(at: note.channel) }

    /// Word may have been lost: everything that is read here is looked at again.
    func lookAgain() {
        for channel in state.withLock({ Array($0.streams.keys) }) { look(at: channel) }
    }

    func look(at channel: StreamChannel) {
        let isRead = state.withLock { state in
            guard state.streams[channel]?.readers.isEmpty == false else { return false }
            state.streams[channel]?.mustRead = true
            return true
        }
        if isRead { startPump(of: channel) }
    }

    private func startPump(of channel: StreamChannel) {
        let starts = state.withLock { state in
            guard state.streams[channel]?.isPumping == false else { return false }
            state.streams[channel]?.isPumping = true
            return true
        }
        if starts { Task { await pump(channel) } }
    }
}

// MARK: - Time

extension EventStreams {
    /// Tells quiet readers that their connection lives, until cancelled; then ends them all.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            turn()
        }
        close()
    }

    func turn() {
        let readers = state.withLock { state in
            state.streams.mapValues { $0.readers.values.compactMap(\.reader) }
        }
        for (channel, readers) in readers {
            // Counted all the same for each of them.
            let areQuiet = readers.filter { $0.turn(settings.keepaliveSeconds) }
            if !areQuiet.isEmpty { look(at: channel) }
        }
    }

    /// Nobody reads here any more: readers are ended and come back to another server.
    package func close() {
        let readers = state.withLock { state in
            state.isClosed = true
            return state.streams.values.flatMap { $0.readers.values.compactMap(\.reader) }
        }
        for reader in readers { reader.end() }
    }
}
