import ClientAPI
import Cryptography
import EmbeddedStorage
import EventLoops
import Foundation
import FoundationNetworking
import HTTPServing
import JSONWire
import Logging
import PostgresStorage
import RoomCore
import RoomStorage
import Synchronization
import Testing
import WireMessages

@testable import RoomService

/// A running server with the routes of accounts, over a record of its own.
final class AccountServer: Sendable {
    /// One key for all, since making one is slow.
    static let authority: TokenAuthority = {
        do { return TokenAuthority(key: try RSAKey.generate()) } catch { preconditionFailure("no key: \(error)") }
    }()

    let record: any Record
    let directory: RoomDirectory
    private let group: EventLoopGroup
    private let server: HTTPServer
    private let address: SocketAddress

    init(_ record: any Record) throws {
        self.record = record
        let group = try EventLoopGroup.start(count: 1)
        self.group = group
        let time = SharedClock()
        let handovers = InProcessHandovers(elapsed: { time.elapsed })
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        directory = RoomDirectory(
            RoomDependencies(
                manifests: record, accounts: record, live: InProcessLiveRooms(elapsed: { time.elapsed }),
                server: ServerID("one"), handovers: handovers, authority: Self.authority,
                settings: ServiceSettings(), counters: ServiceCounters(), clock: { time.now }, logger: logger),
            executors: group.loops)
        self.time = time
        let accounts = Accounts(
            store: record, authority: Self.authority, clock: { time.now }, directory: directory)
        var small = accounts
        small.limits.roomsPerUser = 5
        small.limits.membersPerRoom = 3
        small.limits.workerTokensPerRoom = 4
        small.limits.accountKeysPerUser = 3
        small.limits.publicKeysPerUser = 2
        small.limits.inviteTries = 6
        var router = Router()
        AccountRoutes(
            small, invites: Invites(small, handovers: handovers),
            newKeys: NewAccountKeys(handovers, clock: { time.now }), directory: directory
        ).add(to: &router)
        server = HTTPServer(
            router: router, webSocket: { _, _ in .refuse(.error(.forbidden, "none here")) }, logger: logger)
        let bound = try server.start(
            on: group, addresses: [SocketAddress("127.0.0.1:0")],
            connectionLimits: ConnectionLimits(total: .max, perAddress: .max))
        address = try #require(bound.first)
    }

    let time: SharedClock

    func stop() async {
        server.close()
        group.stop()
        await group.stopped()
        await record.close()
    }

    // MARK: Asking

    func jwt(of name: String) async throws -> String {
        let user = try await record.ensureUser(
            User(id: UserID(trusted: name), username: name, createdAt: time.now))
        return try Self.authority.issue(to: user, at: time.now)
    }

    func ask(
        _ method: String, _ path: String, authorization: String?, body: String?
    ) async throws -> (status: Int, body: JSONValue) {
        var request = URLRequest(url: try #require(URL(string: "http://\(address)\(path)")))
        request.httpMethod = method
        request.timeoutInterval = 30
        if let authorization { request.setValue(authorization, forHTTPHeaderField: "Authorization") }
        if let body { request.httpBody = Data(body.utf8) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = try #require(response as? HTTPURLResponse).statusCode
        return (status, try JSONValue.parse([UInt8](data), maxDepth: 64))
    }

    // MARK: Peers

    /// A worker that registers with a credential.
    func join(_ peer: String, _ credential: JSONObject, properties: JSONObject) async throws -> Seat {
        var registration: JSONObject = [
            "type": "register", "peer_id": .string(peer), "role": "worker",
            "metadata": ["properties": .object(properties)],
        ]
        for (key, value) in credential { registration[key] = value }
        let (entry, room) = try await directory.admit(Registration(registration))
        let channel = QuietChannel()
        let session = await room.enter(entry, channel: channel, current: nil)
        return Seat(room: room, session: try #require(session), channel: channel)
    }

    func turn() async {
        var rounds = RoomDirectory.Rounds()
        await directory.turn(&rounds)
    }
}

struct Seat: Sendable {
    let room: RoomLoop
    let session: SessionID
    let channel: QuietChannel
}

/// Time that passes when a test says so.
final class SharedClock: Sendable {
    static let start = Timestamp(seconds: 1_767_225_600)
    private let passed = Mutex<Int64>(0)

    var now: Timestamp { Self.start.advanced(bySeconds: passed.withLock { $0 }) }
    var elapsed: Duration { .seconds(passed.withLock { $0 }) }

    func advance(bySeconds seconds: Int64) { passed.withLock { $0 += seconds } }
}

/// A socket that takes everything and remembers why it was closed.
final class QuietChannel: PeerChannel {
    private let reason = Mutex<PeerClose?>(nil)

    var closing: PeerClose? { reason.withLock { $0 } }

    var pendingBytes: Int { 0 }
    func offer(_ text: UnsafeRawBufferPointer) {}
    func offer(shared text: [UInt8]) {}
    func pauseReading() {}
    func resumeReading() {}
    func close(_ reason: PeerClose) { self.reason.withLock { $0 = $0 ?? reason } }
}
