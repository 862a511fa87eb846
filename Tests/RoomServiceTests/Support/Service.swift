import Cryptography
import EmbeddedStorage
import Foundation
import JSONWire
import Logging
import RoomCore
import RoomStorage
import WireMessages

@testable import RoomService

/// One record on disk with a service on top, as a test needs them.
final class Service: Sendable {
    /// One key for all tests of a run, since making one is slow.
    static let key: RSAKey = {
        do { return try RSAKey.generate() } catch { preconditionFailure("no key: \(error)") }
    }()

    let place: Place
    let record: SQLiteRecord
    let manifests: FaultyManifests
    let live: InProcessLiveRooms
    /// The same as the service sees it.
    let late: LateLiveRooms
    let handovers: InProcessHandovers
    let clock: TestClock
    let directory: RoomDirectory
    let accounts: Accounts
    let counters = ServiceCounters()
    let store: FaultyFiles
    let check: FileCheck

    /// - Parameter other: a service whose record, live rooms and clock this one shares, as a second server would.
    init(
        sharing other: Service? = nil, at place: Place = Place(), server: String = "one",
        files: FileSettings = FileSettings(), logger given: Logger? = nil,
        _ configure: (inout ServiceSettings) -> Void = { _ in }
    ) async throws {
        var settings = ServiceSettings()
        settings.limits.requestsPerSecond = 1_000_000
        configure(&settings)
        let clock = other?.clock ?? TestClock()
        self.clock = clock
        self.place = other?.place ?? place
        if let other {
            record = other.record
        } else {
            record = try await Self.open(place)
        }
        let manifests = FaultyManifests(record)
        self.manifests = manifests
        live = other?.live ?? InProcessLiveRooms(elapsed: { .microseconds(clock.now.microseconds) })
        late = LateLiveRooms(live)
        handovers = other?.handovers ?? InProcessHandovers(elapsed: { .microseconds(clock.now.microseconds) })
        var logger = given ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        if given == nil { logger.logLevel = .critical }
        let authority = TokenAuthority(key: Self.key)
        let record = record
        store = try FaultyFiles(at: self.place.path, clock: clock)
        let modelFiles = ModelFiles(
            transfers: store, blobs: store.blobs, ledger: record, settings: files,
            rooms: { room, limit throws(StoreError) in try await record.roomIDs(after: room, limit: limit) },
            folderAddress: { "test:///\($0)" })
        directory = RoomDirectory(
            RoomDependencies(
                manifests: manifests, accounts: record, live: late, server: ServerID(server), handovers: handovers,
                authority: authority, settings: settings, counters: counters, clock: { clock.now }, logger: logger,
                files: modelFiles),
            executors: [QueueExecutor()])
        check = FileCheck(
            modelFiles, manifests: manifests, directory: directory, clock: { clock.now }, logger: logger)
        accounts = Accounts(store: record, authority: authority, clock: { clock.now }, directory: directory)
    }

    static func open(_ place: Place) async throws -> SQLiteRecord {
        try await SQLiteRecord.open(
            at: place.file, moment: Timestamp(seconds: 1_760_000_000), sha256: { SHA256.hex($0) })
    }

    var invites: Invites { Invites(accounts, handovers: handovers) }
    var authority: TokenAuthority { directory.dependencies.authority }
}

/// A directory that goes with the test.
final class Place: Sendable {
    let path: String

    init() {
        // In memory where there is such a directory: these tests are about rooms, not about disks.
        let memory = "/dev/shm/"
        let parent = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        path = parent + "rooms-\(UUID().uuidString)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var file: String { path + "/record.sqlite" }
}

// MARK: - People and sockets

extension Service {
    /// A user with a room: its owner when nobody made the room before.
    func starter(_ name: String = "ann", room: String = "lab", worker: String? = "gpu-1") async throws -> Starter {
        try await accounts.bootstrap(username: name, roomName: room, worker: worker.map { WorkerName(trusted: $0) })
    }

    func member(_ name: String, of starter: Starter, role: MemberRole) async throws -> String {
        let user = try await record.ensureUser(
            User(id: UserID(trusted: "id-\(name)"), username: name, createdAt: clock.now))
        try await record.join(Membership(room: starter.room.id, user: user.id, role: role, joinedAt: clock.now))
        return try authority.issue(to: user, at: clock.now)
    }

    /// A socket that registers, and the room it came into.
    func join(
        _ registration: JSONObject, on channel: RecordingChannel = RecordingChannel(), current: SessionID? = nil
    ) async throws -> Peer {
        let (entry, room) = try await directory.admit(Registration(registration))
        let id = await room.enter(entry, channel: channel, current: current)
        return Peer(room: room, channel: channel, id: id)
    }

    /// A client of a starter's that opted in to the registry.
    func client(
        _ starter: Starter, _ peer: String = "alice", with more: JSONObject = [:],
        on channel: RecordingChannel = RecordingChannel()
    ) async throws -> Peer {
        try await join(starter.client(peer).with(more), on: channel)
    }

    func worker(
        _ starter: Starter, _ peer: String = "worker-1", with more: JSONObject = [:],
        on channel: RecordingChannel = RecordingChannel()
    ) async throws -> Peer {
        try await join(starter.worker(peer).with(more), on: channel)
    }
}

extension Starter {
    func client(_ peer: String) -> JSONObject {
        [
            "type": "register", "peer_id": .string(peer), "role": "client", "room_id": .string(room.id.text),
            "jwt": .string(jwt), "capabilities": ["registry/1"],
        ]
    }

    func worker(_ peer: String) -> JSONObject {
        [
            "type": "register", "peer_id": .string(peer), "role": "worker", "api_key": .string(workerToken ?? ""),
            "capabilities": ["registry/1"], "metadata": ["tags": ["sleap-rtc"], "properties": ["status": "available"]],
        ]
    }
}

extension JSONObject {
    func with(_ more: JSONObject) -> JSONObject {
        var joined = self
        for (key, value) in more { joined[key] = value }
        return joined
    }

    func without(_ keys: String...) -> JSONObject {
        var rest = self
        for key in keys { rest[key] = nil }
        return rest
    }

    subscript(path keys: String...) -> JSONValue? {
        keys.reduce(JSONValue.object(self)) { value, key in value?.objectValue?[key] }
    }
}
