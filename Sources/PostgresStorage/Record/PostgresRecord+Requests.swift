import RoomStorage

/// What may be done about an answer that was lost with its connection.
enum RequestKind: Sendable {
    /// Changes nothing, so it is simply asked again.
    case read
    /// Does the same when it is done twice, and answers the same.
    case repeatableWrite
    /// Would answer wrongly the second time, like a deletion that tells whether there was something.
    case write
}

/// Every request but an append goes to the server through one of these.
extension PostgresRecord {
    func rows<Element: Sendable>(
        _ statement: PostgresStatement, _ read: @escaping @Sendable (PostgresRow) throws(StoreError) -> Element
    ) async throws(StoreError) -> [Element] {
        try await perform([statement], .read) { answers throws(StoreError) in try answers[0].map(read) }
    }

    func first<Element: Sendable>(
        _ statement: PostgresStatement, _ read: @escaping @Sendable (PostgresRow) throws(StoreError) -> Element
    ) async throws(StoreError) -> Element? {
        try await perform([statement], .read) { answers throws(StoreError) in try answers[0].first(read) }
    }

    /// Runs statements as one transaction and gives how many rows the last one touched.
    ///
    /// - Parameter isLong: its work grows with a room, so it is given a minute.
    @discardableResult
    func write(
        _ statements: PostgresStatement..., kind: RequestKind = .repeatableWrite, isLong: Bool = false
    ) async throws(StoreError) -> Int {
        try await perform(statements, kind, isLong: isLong) { $0.last?.affected ?? 0 }
    }

    /// - Parameter connection: where it must run; else the one with the least to do is taken.
    func perform<Answer: Sendable>(
        _ statements: [PostgresStatement], _ kind: RequestKind, isLong: Bool = false,
        on connection: ConnectionQueue? = nil,
        _ read: @escaping @Sendable ([PostgresRows]) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        let bytes = statements.reduce(0) { $0 + $1.bytes }
        guard bytes <= limits.writeBytes else {
            throw .unavailable("a request of \(bytes) bytes is over the limit of \(limits.writeBytes)")
        }
        guard !statements.contains(where: \.holdsNUL) else { throw .holdsNUL }
        var attempt = 1
        var wasLost = false
        while true {
            do throws(RequestFault) {
                return try await ask(statements, isLong: isLong, on: connection, read)
            } catch {
                if case .exchange(.lost) = error { wasLost = true }
                guard attempt < 4, error.mayBeRepeated(kind) else { throw error.meaning(kind, wasLost: wasLost) }
                attempt += 1
            }
        }
    }

    private func ask<Answer: Sendable>(
        _ statements: [PostgresStatement], isLong: Bool, on connection: ConnectionQueue?,
        _ read: @escaping @Sendable ([PostgresRows]) throws(StoreError) -> Answer
    ) async throws(RequestFault) -> Answer {
        let target: ConnectionQueue
        do throws(StoreError) {
            try checkOpen()
            if let connection { target = connection } else { target = try pool.pick().get() }
        } catch {
            throw .store(error)
        }
        let patience = isLong ? limits.longMilliseconds : limits.silenceMilliseconds
        let result: Result<Answer, RequestFault> = await withCheckedContinuation { continuation in
            target.submit(
                Exchange(statements: isLong ? [long] + statements : statements, patience: patience) { result in
                    let answer = result.mapError(RequestFault.exchange).flatMap { answers in
                        Result { () throws(StoreError) in try read(isLong ? Array(answers.dropFirst()) : answers) }
                            .mapError(RequestFault.store)
                    }
                    continuation.resume(returning: answer)
                })
        }
        return try result.get()
    }

    /// Until the end of the transaction.
    private var long: PostgresStatement {
        let time = limits.longMilliseconds - limits.silenceMilliseconds + limits.statementMilliseconds
        return PostgresStatement("SELECT set_config('statement_timeout', $1, true)", String(max(1, time)))
    }
}

private enum RequestFault: Error {
    case exchange(ExchangeFault)
    /// What was read made no sense, or the request was not let in.
    case store(StoreError)

    func mayBeRepeated(_ kind: RequestKind) -> Bool {
        switch self {
        case .exchange(.refused(let fault)): fault.isCollision || fault.isOfStaleStatement
        case .exchange(.lost): kind != .write
        case .exchange(.unsent), .exchange(.closed), .store: false
        }
    }

    /// - Parameter wasLost: an earlier attempt was sent and never answered.
    func meaning(_ kind: RequestKind, wasLost: Bool) -> StoreError {
        let error: StoreError =
            switch self {
            case .exchange(.refused(let fault)): StoreError(fault)
            case .exchange(.unsent(let reason)), .exchange(.lost(let reason, _)): .unavailable(reason)
            case .exchange(.closed): .closed
            case .store(let error): error
            }
        return wasLost && kind != .read ? .outcomeUnknown("\(error.reason); look before trying again") : error
    }
}
