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
            directory: directory, record: record, authority: try authority(configuration, directory))
    }

    private static func openRecord(
        _ configuration: Configuration, _ directory: DataDirectory, _ logger: Logger
    ) async throws -> any Record {
        guard let url = configuration.databaseURL else {
            return try await SQLiteRecord.open(
                at: directory.recordPath, moment: wallClock(), sha256: { SHA256.hex($0) })
        }
        return try await PostgresRecord.open(
            url: url, moment: wallClock(), sha256: { SHA256.hex($0) },
            onEvent: { event in
                logger.log(level: event.isTrouble ? .warning : .info, "database", metadata: ["event": "\(event)"])
            })
    }

    /// The key from the configuration, else the one in the data directory, made at the first start.
    private static func authority(
        _ configuration: Configuration, _ directory: DataDirectory
    ) throws -> TokenAuthority {
        if let pem = configuration.jwtPrivateKey {
            do {
                return TokenAuthority(key: try RSAKey(privatePEM: pem))
            } catch {
                throw ConfigurationFault(
                    "SLEAP_ROOMS_JWT_PRIVATE_KEY", "…", "is no RSA private key in PEM of 2048 bits or more (\(error))")
            }
        }
        let name = "jwt-rs256.pem"
        if try directory.secret(named: name) == nil {
            let made = Array(try RSAKey.generate(.bits2048).privatePEM().utf8)
            _ = try directory.secret(named: name) { made }
        }
        let stored = try directory.secret(named: name)?.bytes ?? []
        do {
            return TokenAuthority(key: try RSAKey(privatePEM: String(decoding: stored, as: UTF8.self)))
        } catch {
            throw StartFault(
                "the signing key \(directory.keysPath)/\(name) cannot be read (\(error)): restore it from a backup, or "
                    + "delete it to make a new one, which ends every JWT given out",
                exitCode: StartFault.badConfiguration)
        }
    }

    func accounts(closing directory: RoomDirectory?) -> Accounts {
        Accounts(store: record, authority: authority, clock: wallClock, directory: directory)
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
