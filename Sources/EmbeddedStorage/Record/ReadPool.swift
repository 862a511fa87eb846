import RoomStorage
import Synchronization

/// A few connections that read beside the writer; whoever is idle takes the next read.
final class ReadPool: Sendable {
    private typealias Read = @Sendable (SQLiteConnection?) -> Void

    private struct State {
        var idle: [ConnectionQueue]
        var waiting: [Read] = []
        /// Reads of `waiting` that were taken already.
        var taken = 0
    }

    private let connections: [ConnectionQueue]
    private let state: Mutex<State>
    private let waitingLimit: Int

    /// - Parameter connections: open ones, used by nobody else.
    init(_ connections: [ConnectionQueue], waitingLimit: Int) {
        precondition(!connections.isEmpty, "a record needs a connection to read with")
        self.connections = connections
        self.waitingLimit = waitingLimit
        state = Mutex(State(idle: connections))
    }

    func read<Answer: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        let result: Result<Answer, StoreError> = await withCheckedContinuation { continuation in
            let accepted = offer { connection in
                continuation.resume(
                    returning: Result { () throws(StoreError) in
                        guard let connection else { throw .closed }
                        return try body(connection)
                    })
            }
            if !accepted { continuation.resume(returning: .failure(.unavailable("too many reads wait: try again"))) }
        }
        return try result.get()
    }

    private func offer(_ read: @escaping Read) -> Bool {
        enum Way { case now(ConnectionQueue), later, refused }
        let way = state.withLock { state -> Way in
            if let connection = state.idle.popLast() { return .now(connection) }
            guard state.waiting.count - state.taken < waitingLimit else { return .refused }
            state.waiting.append(read)
            return .later
        }
        switch way {
        case .now(let connection): connection.submit { self.run(read, on: connection, with: $0) }
        case .later: break
        case .refused: return false
        }
        return true
    }

    /// Runs a read and all that wait, then lies idle.
    private func run(_ read: Read, on connection: ConnectionQueue, with open: SQLiteConnection?) {
        read(open)
        while let next = next(for: connection) { next(open) }
    }

    private func next(for connection: ConnectionQueue) -> Read? {
        state.withLock { state in
            guard state.taken < state.waiting.count else {
                state.waiting.removeAll(keepingCapacity: state.waiting.count < 1_024)
                state.taken = 0
                state.idle.append(connection)
                return nil
            }
            let read = state.waiting[state.taken]
            state.taken += 1
            if state.taken >= 1_024 {
                state.waiting.removeFirst(state.taken)
                state.taken = 0
            }
            return read
        }
    }

    func close() async {
        for connection in connections { await connection.close() }
    }
}
