import Cryptography
import Dispatch
import EmbeddedStorage
import Glibc
import JSONWire
import Logging
import RoomCore
import RoomService
import RoomStorage
import Synchronization
import Testing
import WireMessages

/// A thread for rooms to run on, as an event loop would be.
final class RoomThread: SerialExecutor, Sendable {
    private let queue = DispatchQueue(label: "rooms")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}

/// A clock that tests move.
final class TestClock: Sendable {
    private let offset = Atomic<Int>(0)

    var now: @Sendable () -> Timestamp {
        {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            let micros = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
            return Timestamp(microseconds: micros).advanced(bySeconds: Int64(self.offset.load(ordering: .relaxed)))
        }
    }

    func advance(bySeconds seconds: Int) { offset.wrappingAdd(seconds, ordering: .relaxed) }
}

/// A record in a temporary directory, and servers on it.
final class RecordFixture: Sendable {
    static let key = Result { try RSAKey.generate(.bits2048) }

    let path: String
    let record: SQLiteRecord
    let live = InProcessLiveRooms(elapsed: { .zero })
    let clock = TestClock()
    let authority: TokenAuthority

    init(path: String? = nil) async throws {
        let fresh = "/tmp/sleap-rooms-service-\(try SecureRandom.hex(bytes: 8))"
        self.path = path ?? fresh
        mkdir(self.path, 0o700)
        record = try await SQLiteRecord.open(
            at: self.path + "/record.sqlite", moment: Timestamp(seconds: 0), sha256: { SHA256.hex($0) })
        authority = TokenAuthority(key: try Self.key.get())
    }

    func reopened() async throws -> RecordFixture {
        await record.close()
        return try await RecordFixture(path: path)
    }

    /// A server of its own on this record.
    func server(
        named name: String = "a", store: (any ManifestStore)? = nil, _ edit: (inout ServiceSettings) -> Void = { _ in }
    ) -> ServerFixture {
        var settings = ServiceSettings()
        edit(&settings)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let directory = RoomDirectory(
            RoomDependencies(
                manifests: store ?? record, accounts: record, live: live, server: ServerID(name), authority: authority,
                settings: settings, counters: ServiceCounters(), clock: clock.now, logger: logger),
            executors: [RoomThread()])
        return ServerFixture(
            directory: directory,
            accounts: Accounts(store: record, authority: authority, clock: clock.now, directory: directory))
    }
}

struct ServerFixture: Sendable {
    let directory: RoomDirectory
    let accounts: Accounts

    func bootstrap(_ user: String = "alice", room: String = "lab", worker: String? = nil) async throws -> Starter {
        try await accounts.bootstrap(username: user, roomName: room, worker: worker.map(WorkerName.init(trusted:)))
    }

    /// Registers a peer with a message as clients send it; refusals are thrown.
    func join(_ fields: JSONObject, current: Peer? = nil) async throws -> Peer {
        var message: JSONObject = ["type": "register"]
        for (key, value) in fields { message[key] = value }
        let (entry, room) = try await directory.admit(try Registration(message))
        let channel = current?.channel ?? RecordingChannel()
        let session = await room.enter(entry, channel: channel, current: current?.session)
        return Peer(room: room, session: session, channel: channel)
    }

    /// A client with the starter's JWT.
    func client(_ starter: Starter, _ peer: String, registry: Bool = true, _ more: JSONObject = [:]) async throws
        -> Peer
    {
        var fields: JSONObject = [
            "peer_id": .string(peer), "room_id": .string(starter.room.id.text), "jwt": .string(starter.jwt),
            "role": "client",
        ]
        if registry { fields["capabilities"] = ["registry/1"] }
        for (key, value) in more { fields[key] = value }
        let joined = try await join(fields)
        if joined.session != nil { _ = try await joined.channel.next("registered_auth") }
        return joined
    }

    func worker(_ starter: Starter, _ peer: String, _ more: JSONObject = [:]) async throws -> Peer {
        var fields: JSONObject = [
            "peer_id": .string(peer), "api_key": .string(try #require(starter.workerToken)), "role": "worker",
            "capabilities": ["registry/1"],
        ]
        for (key, value) in more { fields[key] = value }
        let joined = try await join(fields)
        if joined.session != nil { _ = try await joined.channel.next("registered_auth") }
        return joined
    }
}

/// One admitted peer.
struct Peer: Sendable {
    let room: RoomLoop
    let session: SessionID?
    let channel: RecordingChannel

    @discardableResult
    func say(_ text: String) async throws -> Reception {
        let session = try #require(session)
        return await room.hear(Array(text.utf8), from: session)
    }

    @discardableResult
    func say(_ message: JSONObject) async throws -> Reception {
        try await say(String(decoding: JSONValue.object(message).encoded(), as: UTF8.self))
    }

    /// Sends a request and gives its reply, whichever it is.
    func ask(_ type: String, _ fields: JSONObject = [:], id: String = "q") async throws -> JSONObject {
        var message = fields
        message["type"] = .string(type)
        message["request_id"] = .string(id)
        try await say(message)
        return try await channel.next { $0["request_id"]?.stringValue == id }
    }

    func publish(_ id: String, _ more: JSONObject = [:], key: String? = nil, request: String = "p") async throws
        -> JSONObject
    {
        var model: JSONObject = ["id": .string(id)]
        for (name, value) in more { model[name] = value }
        var fields: JSONObject = ["model": .object(model)]
        if let key { fields["idempotency_key"] = .string(key) }
        return try await ask("registry_publish", fields, id: request)
    }

    func leave() async throws { await room.leave(try #require(session)) }
}

extension RoomLoop {
    func hear(_ bytes: [UInt8], from session: SessionID) -> Reception {
        bytes.withUnsafeBytes { receive(LentBytes($0), from: session) }
    }
}

/// A socket that keeps what it is offered.
final class RecordingChannel: PeerChannel {
    private struct State {
        var frames: [JSONObject] = []
        var pending = 0
        var closed: PeerClose?
        var isPaused = false
    }

    private let state = Mutex(State())

    var pendingBytes: Int {
        get { state.withLock { $0.pending } }
        set { state.withLock { $0.pending = newValue } }
    }

    var closed: PeerClose? { state.withLock { $0.closed } }
    var isPaused: Bool { state.withLock { $0.isPaused } }
    var frames: [JSONObject] { state.withLock { $0.frames } }

    func offer(_ text: UnsafeRawBufferPointer) { offer(shared: Array(text)) }

    func offer(shared text: [UInt8]) {
        let frame = (try? JSONValue.parse(text, maxDepth: 128))?.objectValue ?? ["unreadable": true]
        state.withLock { $0.frames.append(frame) }
    }

    func pauseReading() { state.withLock { $0.isPaused = true } }
    func resumeReading() { state.withLock { $0.isPaused = false } }
    func close(_ reason: PeerClose) { state.withLock { $0.closed = $0.closed ?? reason } }

    /// Takes out the first frame that fits, waiting for it at most for a while.
    func next(_ fits: @escaping (JSONObject) -> Bool) async throws -> JSONObject {
        var found: JSONObject?
        try await eventually("the frame, in \(frames.map { $0["type"] ?? .null })") {
            found = self.state.withLock { state in
                state.frames.firstIndex(where: fits).map { state.frames.remove(at: $0) }
            }
            return found != nil
        }
        return try #require(found)
    }

    func next(_ type: String) async throws -> JSONObject { try await next { $0["type"]?.stringValue == type } }
}

func eventually(_ what: @autoclosure () -> String, _ isTrue: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while try await !isTrue() {
        try #require(ContinuousClock.now < deadline, "\(what()) did not come")
        try await Task.sleep(for: .milliseconds(2))
    }
}
