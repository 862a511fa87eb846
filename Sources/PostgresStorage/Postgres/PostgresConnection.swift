import CLibPQ

/// One libpq connection that never blocks; it belongs to one queue and never leaves it.
///
/// Exchanges are pipelined: each ends with one sync, by which the server commits it (libpq's documentation, 34.5).
/// Without pipelining it takes scripts of several statements, one at a time.
final class PostgresConnection {
    enum Step { case reading, writing, done, failed(String) }
    enum Arrival { case rows(PostgresRows), end }

    /// Held as an advisory lock by the server's end for as long as that lives.
    let session = Int64.random(in: 1...Int64.max)
    private let pointer: OpaquePointer
    private let isPipelined: Bool
    private var prepared: [String: String] = [:]
    private var preparations = 0

    init?(_ address: PostgresAddress, pipelined: Bool) {
        guard let pointer = address.startConnection() else { return nil }
        self.pointer = pointer
        isPipelined = pipelined
        // Notices would go to standard error.
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)
    }

    deinit { PQfinish(pointer) }

    var descriptor: Int32 { PQsocket(pointer) }
    var isFailed: Bool { PQstatus(pointer) == CONNECTION_BAD }

    /// The first line of what libpq last complained of; it never holds the password.
    var complaint: String {
        let text = PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
        let lines = text.split(whereSeparator: \.isNewline)
        return lines.first.map(String.init) ?? "the connection ended"
    }

    /// Goes on with connecting as far as it can.
    func connect() -> Step {
        guard !isFailed else { return .failed(complaint) }
        switch PQconnectPoll(pointer) {
        case PGRES_POLLING_READING: return .reading
        case PGRES_POLLING_WRITING: return .writing
        case PGRES_POLLING_OK: return begin()
        default: return .failed(complaint)
        }
    }

    private func begin() -> Step {
        let version = PQserverVersion(pointer)
        guard version >= 130_000 else {
            return .failed("the server is PostgreSQL \(version / 10_000): version 13 or later is needed")
        }
        let encoding = PQparameterStatus(pointer, "server_encoding").map { String(cString: $0) } ?? ""
        guard encoding == "UTF8" else {
            return .failed("the database has the encoding \(encoding): create it with the encoding UTF8")
        }
        guard PQsetnonblocking(pointer, 1) == 0, !isPipelined || PQenterPipelineMode(pointer) == 1 else {
            return .failed(complaint)
        }
        return .done
    }
}

// MARK: - Sending

extension PostgresConnection {
    /// Queues an exchange; gives the texts it prepares on the way, or nil when the connection is broken.
    func send(_ exchange: Exchange) -> [String]? {
        guard isPipelined else { return sendScript(exchange) }
        // Preparations come first, so that no failing statement keeps one from being made.
        var fresh: [String] = []
        for statement in exchange.statements where prepared[statement.sql] == nil {
            guard prepare(statement) else { return nil }
            fresh.append(statement.sql)
        }
        for statement in exchange.statements {
            guard let name = prepared[statement.sql], execute(statement, as: name) else { return nil }
        }
        return PQpipelineSync(pointer) == 1 ? fresh : nil
    }

    private func sendScript(_ exchange: Exchange) -> [String]? {
        PQsendQuery(pointer, exchange.statements.map(\.sql).joined(separator: ";\n")) == 1 ? [] : nil
    }

    private func prepare(_ statement: PostgresStatement) -> Bool {
        preparations += 1
        let name = "s\(preparations)"
        prepared[statement.sql] = name
        let types = statement.values.map(\.type.rawValue)
        return PQsendPrepare(pointer, name, statement.sql, Int32(types.count), types) == 1
    }

    private func execute(_ statement: PostgresStatement, as name: String) -> Bool {
        let values = statement.values
        // One spare byte, so that empty values have an address too; without one they would be NULL.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.reduce(1) { $0 + ($1.bytes?.count ?? 0) })
        var starts: [Int] = []
        for value in values {
            starts.append(bytes.count)
            if let own = value.bytes { bytes += own }
        }
        bytes.append(0)
        let lengths = values.map { Int32(clamping: $0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: values.count)
        return bytes.withUnsafeBytes { buffer in
            let pointers = zip(values, starts).map { value, start in
                value.bytes == nil
                    ? nil : buffer.baseAddress?.advanced(by: start).assumingMemoryBound(to: CChar.self)
            }
            return PQsendQueryPrepared(pointer, name, Int32(values.count), pointers, lengths, formats, 1) == 1
        }
    }

    /// Whether a preparation failed, and must be made again.
    func forget(_ sql: String) { prepared[sql] = nil }

    /// Writes what the socket takes; true when some is left.
    func flush() -> Bool { PQflush(pointer) == 1 }
}

// MARK: - Receiving

extension PostgresConnection {
    /// Reads what the socket has; false when the connection ended.
    ///
    /// One call may take a part of a TLS record and leave the rest with OpenSSL, where no readiness tells of it.
    func receive() -> Bool {
        guard PQconsumeInput(pointer) == 1 else { return false }
        return PQsslInUse(pointer) == 0 || PQconsumeInput(pointer) == 1
    }

    /// The next piece that has arrived whole. To be asked only while an exchange is under way.
    func next() -> Arrival? {
        var gaps = 0
        while PQisBusy(pointer) == 0 {
            guard let result = PQgetResult(pointer) else {
                guard isPipelined else { return .end }
                // A NULL parts two statements; two of them in a row mean that nothing is under way.
                gaps += 1
                if gaps > 1 { return nil }
                continue
            }
            if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
                PQclear(result)
                return .end
            }
            return .rows(PostgresRows(result))
        }
        return nil
    }
}
