import RoomStorage

/// A connection that takes scripts of several statements, one at a time, and is not made anew when it is lost.
struct ScriptConnection {
    private let connection: ConnectionQueue
    private let patience: Int

    init(_ address: PostgresAddress, limits: PostgresLimits) {
        connection = ConnectionQueue(
            label: "record.schema", address: address, setup: ConnectionSetup(limits: limits, isPipelined: false))
        patience = limits.migrationMilliseconds
    }

    func start() async throws(StoreError) { try await connection.start() }

    func close() async { await connection.close() }

    func run(_ script: String) async throws(StoreError) { _ = try await rows(script) }

    /// The rows of the script's last statement, as texts.
    func rows(_ script: String) async throws(StoreError) -> [[String]] {
        let result: Result<[[String]], ExchangeFault> = await withCheckedContinuation { continuation in
            connection.submit(
                Exchange(statements: [PostgresStatement(script)], patience: patience) { result in
                    continuation.resume(returning: result.map { $0.last?.map(\.texts) ?? [] })
                })
        }
        do {
            return try result.get()
        } catch {
            switch error {
            case .refused(let fault): throw StoreError(fault)
            case .unsent(let reason): throw .unavailable(reason)
            // Each migration is a transaction: the next start sees whether it was applied.
            case .lost(let reason, _): throw .outcomeUnknown("\(reason); start again to see what was applied")
            case .closed: throw .closed
            }
        }
    }
}
