import RoomStorage
import Synchronization

/// The connections of a record: one for appends, a few for everything else.
final class ConnectionPool: Sendable {
    let writer: ConnectionQueue
    let others: [ConnectionQueue]
    private let reachability: Reachability

    init(
        _ address: PostgresAddress, limits: PostgresLimits, onEvent: @escaping @Sendable (PostgresEvent) -> Void
    ) {
        let count = max(1, limits.connections)
        let reachability = Reachability(writer: "appends", connections: count + 1, onEvent: onEvent)
        let doubts = Doubts()
        func connection(_ label: String, lockMilliseconds: Int = 0) -> ConnectionQueue {
            let setup = ConnectionSetup(
                limits: limits, lockMilliseconds: lockMilliseconds, onStatus: { reachability.note($0, of: label) },
                onSilence: { doubts.raise() },
                onEvent: onEvent)
            return ConnectionQueue(label: "record.\(label)", address: address, setup: setup)
        }
        writer = connection("appends", lockMilliseconds: limits.lockMilliseconds)
        others = (1...count).map { connection("requests.\($0)") }
        self.reachability = reachability
        doubts.spread(to: [writer] + others)
    }

    /// Throws when the writer or all the others fail at first.
    func start() async throws(StoreError) {
        let faults = await withTaskGroup(of: StoreError?.self) { group in
            for connection in others {
                group.addTask {
                    do throws(StoreError) { try await connection.start() } catch { return error }
                    return nil
                }
            }
            return await group.reduce(into: [StoreError]()) { faults, fault in
                if let fault { faults.append(fault) }
            }
        }
        if faults.count == others.count, let fault = faults.first { throw fault }
        try await writer.start()
    }

    /// The connection with the least to do among those that work; fails with what keeps them away.
    func pick() -> Result<ConnectionQueue, StoreError> {
        var best: (connection: ConnectionQueue, load: Int)?
        var reason = "the database is away"
        for connection in others {
            switch connection.status {
            case .away(let why): reason = why
            case .up:
                let load = connection.load
                if best.map({ load < $0.load }) ?? true { best = (connection, load) }
                if load == 0 { return .success(connection) }
            }
        }
        return best.map { .success($0.connection) } ?? .failure(.unavailable(reason))
    }

    var state: StoreState { reachability.state }

    func stateChanges() -> AsyncStream<StoreState> { reachability.changes() }

    func close() async {
        for connection in others { await connection.close() }
        await writer.close()
        reachability.finish()
    }
}

/// Spreads the doubt that one silent connection raises: the others would else learn of it one slow request each.
private final class Doubts: Sendable {
    private let connections = Mutex<[ConnectionQueue]>([])

    func spread(to connections: [ConnectionQueue]) { self.connections.withLock { $0 = connections } }

    func raise() { for connection in connections.withLock({ $0 }) { connection.doubt() } }
}
