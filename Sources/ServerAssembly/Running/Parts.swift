import Cryptography
import EmbeddedStorage
import Logging
import PostgresStorage
import RoomCore
import RoomService
import RoomStorage

/// The record and keys that every command works with: in the data directory, or in a database.
struct Parts: Sendable {
    let directory: DataDirectory
    let record: any Record
    let authority: TokenAuthority

    /// Opens them, making what is absent.
    static func open(
        _ configuration: Configuration, logger: Logger = Logger(label: "stores") { _ in SwiftLogNoOpLogHandler() }
    ) async throws -> Parts {
        let directory = try DataDirectory(at: configuration.dataDirectory)
        let record = try await openRecord(configuration, directory, logger)
        return Parts(
            directory: directory, record: record,
            authority: try await SigningKey(configuration, directory, record).authority())
    }

    private static func openRecord(
        _ configuration: Configuration, _ directory: DataDirectory, _ logger: Logger
    ) async throws -> any Record {
        guard let url = configuration.databaseURL else {
            return try await SQLiteRecord.open(
                at: directory.recordPath, moment: wallClock(), sha256: { SHA256.hex($0) })
        }
        let connections = OutageLog(
            OutageLog.Sentences(
                begun: "a connection to the database was lost", going: "connections to the database are still lost",
                ended: "connected to the database again"),
            logger: logger, clock: wallClock)
        return try await PostgresRecord.open(
            url: url, moment: wallClock(), sha256: { SHA256.hex($0) },
            onEvent: { event in
                switch event {
                // Every attempt to connect again ends so while the database is away.
                case .lost(let reason): connections.failed(reason)
                case .connected: connections.succeeded()
                case .became, .resolved, .unresolved, .divided:
                    logger.log(level: event.isTrouble ? .warning : .info, "database", metadata: ["event": "\(event)"])
                }
            })
    }

    func accounts(
        closing directory: RoomDirectory?, issuers: any TrustedIssuers = NoIssuers()
    ) -> Accounts {
        Accounts(store: record, authority: authority, issuers: issuers, clock: wallClock, directory: directory)
    }
}

extension PostgresEvent {
    fileprivate var isTrouble: Bool {
        switch self {
        case .lost, .became(.away), .unresolved: true
        case .connected, .became(.reachable), .resolved, .divided: false
        }
    }
}
