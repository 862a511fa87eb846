import Foundation
import RoomBackups
import RoomStorage

/// What an operator may get wrong, and what a server that is started with it must say.
enum Misconfiguration: String, CaseIterable {
    case unknownDatabaseHost, refusedDatabasePort, wrongDatabasePassword, unknownDatabase, readOnlyRole,
        readOnlySessions
    case newerSchema, changedMigration
    case wrongRedisPassword, missingRedisPassword
    case wrongSecretKey, unknownAccessKey, missingBucket, otherInstallation

    /// 78 is the operator's to correct, 69 may pass by itself.
    var exitCode: Int32 {
        switch self {
        case .unknownDatabaseHost, .refusedDatabasePort, .readOnlySessions: 69
        case .wrongDatabasePassword, .unknownDatabase, .readOnlyRole, .newerSchema, .changedMigration,
            .wrongRedisPassword, .missingRedisPassword, .wrongSecretKey, .unknownAccessKey, .missingBucket,
            .otherInstallation:
            78
        }
    }

    /// Cause and remedy, as the error names them.
    var words: [String] {
        switch self {
        case .unknownDatabaseHost: ["no-such-host.invalid", "correct the host"]
        case .refusedDatabasePort: ["Connection refused", "correct host and port"]
        case .wrongDatabasePassword: ["password authentication failed", "check role and password"]
        case .unknownDatabase: ["does not exist", "create that database"]
        case .readOnlyRole: ["lacks a right", "grant it"]
        case .readOnlySessions: ["takes no writes", "default_transaction_read_only"]
        case .newerSchema: ["schema 999", "start the newer program"]
        case .changedMigration: ["migration 1 differs", "use the program that applied it"]
        case .wrongRedisPassword: ["SLEAP_ROOMS_REDIS_URL", "refuses the user or password", "check them in the URL"]
        case .missingRedisPassword: ["SLEAP_ROOMS_REDIS_URL", "wants a password"]
        case .wrongSecretKey: ["SignatureDoesNotMatch", "correct AWS_SECRET_ACCESS_KEY"]
        case .unknownAccessKey: ["InvalidAccessKeyId", "correct AWS_ACCESS_KEY_ID"]
        case .missingBucket: ["NoSuchBucket", "create the bucket \"no-such-bucket\""]
        case .otherInstallation: ["0123456789abcdef", "SLEAP_ROOMS_BACKUP_ADOPT=1"]
        }
    }

    /// Never to be shown.
    static let secrets = ["hunter2", TestStores.secret, "wrong-secret-key"]

    /// Makes the stores as they must not be; gives the settings that are wrong.
    func arrange(_ stores: TestStores) async throws -> [String: String] {
        switch self {
        case .unknownDatabaseHost: return database("postgres:hunter2@no-such-host.invalid:5432/rooms")
        case .refusedDatabasePort: return database("postgres:hunter2@127.0.0.1:1/rooms")
        case .unknownDatabase: return database("postgres:hunter2@127.0.0.1:\(stores.toPostgres.port)/no_such_database")
        case .wrongDatabasePassword:
            try stores.sql(
                """
                DO $$ BEGIN CREATE ROLE with_password LOGIN PASSWORD 'right';
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
                """)
            return database("with_password:hunter2@127.0.0.1:\(stores.toPostgres.port)/\(stores.name)")
        case .readOnlyRole, .readOnlySessions: return try narrowRole(in: stores)
        case .newerSchema:
            try migrate(
                stores, "INSERT INTO schema_migrations SELECT 999, name, checksum, 0 FROM schema_migrations LIMIT 1")
        case .changedMigration: try migrate(stores, "UPDATE schema_migrations SET checksum = 'x' WHERE number = 1")
        case .wrongRedisPassword:
            try stores.redis.ask("CONFIG", "SET", "requirepass", "right")
            return ["SLEAP_ROOMS_REDIS_URL": "redis://:hunter2@127.0.0.1:\(stores.redis.port)/0"]
        case .missingRedisPassword: try stores.redis.ask("CONFIG", "SET", "requirepass", "right")
        case .wrongSecretKey: return ["AWS_SECRET_ACCESS_KEY": "wrong-secret-key"]
        case .unknownAccessKey: return ["AWS_ACCESS_KEY_ID": "UNKNOWNACCESSKEY0001"]
        case .missingBucket: return ["SLEAP_ROOMS_S3_BUCKET": "no-such-bucket"]
        case .otherInstallation:
            let text = #"{"format":1,"installation":"0123456789abcdef"}"#
            // A record that is in use keeps its name; an empty one would take over the bucket's.
            _ = try stores.server().bootstrap()
            try await stores.bucket.store(Array(text.utf8), at: BackupLayout.installation)
        }
        return [:]
    }

    private func database(_ rest: String) -> [String: String] { ["SLEAP_ROOMS_DATABASE_URL": "postgresql://\(rest)"] }

    private func migrate(_ stores: TestStores, _ sql: String) throws {
        _ = try stores.command(["migrate"])
        try stores.sql(sql)
    }

    private func narrowRole(in stores: TestStores) throws -> [String: String] {
        let role = "r\(stores.name)"
        let rights = self == .readOnlyRole ? "SELECT" : "ALL"
        let more = self == .readOnlyRole ? "" : "ALTER ROLE \(role) SET default_transaction_read_only = on;"
        // Whoever has run it before has made its tables and key.
        _ = try stores.server().bootstrap()
        try stores.sql("CREATE ROLE \(role) LOGIN; GRANT \(rights) ON ALL TABLES IN SCHEMA public TO \(role); \(more)")
        return ["SLEAP_ROOMS_DATABASE_URL": stores.databaseURL(role: role)]
    }
}
