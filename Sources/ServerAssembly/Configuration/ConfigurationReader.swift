import FoundationEssentials

/// Reads settings: environment over file over defaults; the command line's flags come on top.
package struct ConfigurationReader: Sendable {
    private let environment: [String: String]
    private let file: [String: String]
    private let read: @Sendable (String) throws -> String

    /// - Parameter read: gives the text of a file.
    package init(
        environment: [String: String], configurationFile: String?,
        read: @escaping @Sendable (String) throws -> String = Self.text
    ) throws(ConfigurationFault) {
        self.environment = environment
        self.read = read
        file =
            try configurationFile.map { path throws(ConfigurationFault) in
                do { return try Self.parse(try read(path), path) } catch let fault as ConfigurationFault {
                    throw fault
                } catch {
                    throw ConfigurationFault(
                        "--config", path, "cannot be read (\(error)); give a file of KEY=value lines")
                }
            } ?? [:]
    }

    package static let text: @Sendable (String) throws -> String = { path in
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    /// `KEY=value` lines; `#` begins a comment, quotes around a value are taken off.
    private static func parse(_ text: String, _ path: String) throws(ConfigurationFault) -> [String: String] {
        var values: [String: String] = [:]
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = raw.trimmingPrefix { $0.isWhitespace }
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw ConfigurationFault("\(path) line \(index + 1)", String(line), "write KEY=value")
            }
            var value = String(parts[1])
            while value.last?.isWhitespace == true { value.removeLast() }
            if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote {
                value = String(value.dropFirst().dropLast())
            }
            values[String(parts[0]).replacing(" ", with: "")] = value
        }
        return values
    }

    func value(_ key: String) -> String? { environment[key] ?? file[key] }

    /// A secret may stand in a file of its own, named by `<KEY>_FILE`.
    func secret(_ key: String) throws(ConfigurationFault) -> String? {
        guard let path = value(key + "_FILE") else { return value(key) }
        do {
            return try read(path)
        } catch {
            throw ConfigurationFault(key + "_FILE", path, "cannot be read (\(error)); name a readable file")
        }
    }

    private func whole(_ key: String, _ range: ClosedRange<Int>, _ setting: inout Int) throws(ConfigurationFault) {
        guard let text = value(key) else { return }
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationFault(key, text, "give a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        setting = number
    }
}

// MARK: - The settings

extension ConfigurationReader {
    package func configuration() throws(ConfigurationFault) -> Configuration {
        try refuseWhatIsNotServed()
        var settings = Configuration()
        if let directory = value("SLEAP_ROOMS_DATA_DIR") {
            guard !directory.isEmpty else { throw ConfigurationFault("SLEAP_ROOMS_DATA_DIR", "", "name a directory") }
            settings.dataDirectory = directory
        }
        if let listen = value("SLEAP_ROOMS_LISTEN") {
            settings.listen = listen.split(separator: ",").map { $0.replacing(" ", with: "") }.map(String.init)
            guard !settings.listen.isEmpty else {
                throw ConfigurationFault("SLEAP_ROOMS_LISTEN", listen, "give HOST:PORT, or several parted by commas")
            }
        }
        settings.publicURL = try publicURL()
        settings.databaseURL = try address(
            "SLEAP_ROOMS_DATABASE_URL", ["postgresql://", "postgres://"], "postgresql://USER@HOST:5432/DATABASE")
        settings.redisURL = try address(
            "SLEAP_ROOMS_REDIS_URL", ["redis://", "rediss://", "redis+sentinel://"], "redis://HOST:6379/0")
        settings.redisCAFile = value("SLEAP_ROOMS_REDIS_CA_FILE")
        settings.objectStore = try objectStore()
        settings.jwtPrivateKey = try secret("SLEAP_ROOMS_JWT_PRIVATE_KEY")?.replacing("|", with: "\n")
        settings.adminToken = try adminToken()
        settings.logins = try logins()
        if let adopts = value("SLEAP_ROOMS_BACKUP_ADOPT") {
            guard let choice = Self.choices[adopts.lowercased()] else {
                throw ConfigurationFault("SLEAP_ROOMS_BACKUP_ADOPT", adopts, "give 1 or 0")
            }
            settings.adoptsBackups = choice
        }
        try readICE(into: &settings)
        settings.logLevel = value("SLEAP_ROOMS_LOG_LEVEL") ?? settings.logLevel
        if let format = value("SLEAP_ROOMS_LOG_FORMAT") {
            guard let format = Configuration.LogFormat(rawValue: format) else {
                throw ConfigurationFault("SLEAP_ROOMS_LOG_FORMAT", format, "give text or json")
            }
            settings.logFormat = format
        }
        for number in Self.numbers { try whole(number.key, number.range, &settings[keyPath: number.field]) }
        return settings
    }

    /// The settings that are whole numbers: key, bounds, and where each goes.
    private static var numbers: [(key: String, range: ClosedRange<Int>, field: WritableKeyPath<Configuration, Int>)] {
        [
            ("SLEAP_ROOMS_LOOPS", 0...256, \.loops),
            ("SLEAP_ROOMS_MAX_CONNECTIONS", 0...1_000_000, \.maxConnections),
            ("SLEAP_ROOMS_MAX_CONNECTIONS_PER_ADDRESS", 0...1_000_000, \.maxConnectionsPerAddress),
            ("SLEAP_ROOMS_MAX_CONNECTIONS_PER_IDENTITY", 1...1_000_000, \.maxConnectionsPerIdentity),
            ("SLEAP_ROOMS_OUTBOX_BYTES", 65_536...(1 << 30), \.outboxBytes),
            ("SLEAP_ROOMS_MAX_MESSAGE_BYTES", 65_536...(1 << 26), \.maxMessageBytes),
            ("SLEAP_ROOMS_HANDSHAKE_TIMEOUT_S", 1...600, \.handshakeTimeoutSeconds),
            ("SLEAP_ROOMS_IDLE_TIMEOUT_S", 1...3600, \.idleTimeoutSeconds),
            ("SLEAP_ROOMS_PING_INTERVAL_S", 1...3600, \.pingIntervalSeconds),
            ("SLEAP_ROOMS_REQUESTS_PER_S", 1...1_000_000, \.requestsPerSecond),
            ("SLEAP_ROOMS_MAX_MODELS_PER_ROOM", 1...1_000_000, \.maxModelsPerRoom),
            ("SLEAP_ROOMS_HISTORY_CHANGES", 0...1_000_000_000, \.historyChanges),
            ("SLEAP_ROOMS_DRAIN_S", 0...3600, \.drainSeconds),
            ("SLEAP_ROOMS_ROOM_QUOTA_BYTES", 0...(1 << 50), \.roomQuotaBytes),
            ("SLEAP_ROOMS_ROOM_QUOTA_MODELS", 0...1_000_000, \.roomQuotaModels),
            ("SLEAP_ROOMS_WHOLE_UPLOAD_BYTES", 0...(5 << 30), \.wholeUploadBytes),
            ("SLEAP_ROOMS_PART_BYTES", 1_048_576...(5 << 30), \.partBytes),
            ("SLEAP_ROOMS_ADDRESS_S", 1...604_800, \.addressSeconds),
            ("SLEAP_ROOMS_UPLOAD_S", 1...31_536_000, \.uploadSeconds),
            ("SLEAP_ROOMS_FILE_CHECK_S", 0...86_400, \.fileCheckSeconds),
            ("SLEAP_ROOMS_ORPHAN_GRACE_S", 0...31_536_000, \.orphanGraceSeconds),
            ("SLEAP_ROOMS_WORKER_REQUESTS_PER_S", 1...1_000_000, \.workerRequestsPerSecond),
            ("SLEAP_ROOMS_STREAM_READERS", 1...1_000_000, \.streamReaders),
            ("SLEAP_ROOMS_STREAM_S", 60...604_800, \.streamSeconds),
            ("SLEAP_ROOMS_OIDC_GROUPS_S", 60...31_536_000, \.groupSeconds),
            ("SLEAP_ROOMS_TURN_S", 60...31_536_000, \.turnSeconds),
            ("SLEAP_ROOMS_BACKUP_SNAPSHOT_CHANGES", 1...1_000_000, \.backupSnapshotChanges),
            ("SLEAP_ROOMS_BACKUP_SNAPSHOT_S", 1...86_400, \.backupSnapshotSeconds),
            ("SLEAP_ROOMS_BACKUP_ALL_S", 0...3_153_600_000, \.backupAllSeconds),
            ("SLEAP_ROOMS_BACKUP_HOURLY_S", 0...3_153_600_000, \.backupHourlySeconds),
            ("SLEAP_ROOMS_BACKUP_DAILY_S", 0...3_153_600_000, \.backupDailySeconds),
        ]
    }

    /// Every key this server reads, as the README lists them.
    package static var keys: [String] { texts + loginKeys + numbers.map(\.key) }

    package static var numericDefaults: [(key: String, value: Int)] {
        numbers.map { ($0.key, Configuration()[keyPath: $0.field]) }
    }

    private static let texts = [
        "SLEAP_ROOMS_DATA_DIR", "SLEAP_ROOMS_LISTEN", "SLEAP_ROOMS_PUBLIC_URL", "SLEAP_ROOMS_JWT_PRIVATE_KEY",
        "SLEAP_ROOMS_LOG_LEVEL", "SLEAP_ROOMS_LOG_FORMAT", "SLEAP_ROOMS_DATABASE_URL", "SLEAP_ROOMS_REDIS_URL",
        "SLEAP_ROOMS_REDIS_CA_FILE", "SLEAP_ROOMS_S3_BUCKET", "SLEAP_ROOMS_S3_PREFIX", "SLEAP_ROOMS_S3_ENDPOINT",
        "SLEAP_ROOMS_S3_PATH_STYLE", "SLEAP_ROOMS_S3_CA_FILE",
        "SLEAP_ROOMS_ADMIN_TOKEN", "SLEAP_ROOMS_BACKUP_ADOPT", "SLEAP_ROOMS_STUN_URLS", "SLEAP_ROOMS_TURN_URLS",
        "SLEAP_ROOMS_TURN_SECRET",
    ]

    /// Line ends around it are the file's, not the token's.
    private func adminToken() throws(ConfigurationFault) -> String? {
        guard let text = try secret("SLEAP_ROOMS_ADMIN_TOKEN") else { return nil }
        let token = text.filter { !$0.isWhitespace }
        guard token.utf8.count >= 16 else {
            throw ConfigurationFault("SLEAP_ROOMS_ADMIN_TOKEN", "…", "give 16 characters or more, hard to guess")
        }
        return token
    }

    private func publicURL() throws(ConfigurationFault) -> String? {
        guard let url = value("SLEAP_ROOMS_PUBLIC_URL") else { return nil }
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), url.count > 8 else {
            throw ConfigurationFault("SLEAP_ROOMS_PUBLIC_URL", url, "give an address such as https://rooms.example.org")
        }
        return url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    /// An address that may hold a password: it is read like a secret and never shown.
    private func address(_ key: String, _ schemes: [String], _ example: String) throws(ConfigurationFault) -> String? {
        guard var url = try secret(key), !url.isEmpty else { return nil }
        while url.last?.isWhitespace == true { url.removeLast() }
        guard schemes.contains(where: url.hasPrefix) else {
            throw ConfigurationFault(key, "…", "give an address such as \(example)")
        }
        return url
    }

    private func objectStore() throws(ConfigurationFault) -> Configuration.ObjectStore? {
        guard let bucket = value("SLEAP_ROOMS_S3_BUCKET"), !bucket.isEmpty else { return nil }
        var store = Configuration.ObjectStore(bucket: bucket)
        store.prefix = value("SLEAP_ROOMS_S3_PREFIX") ?? ""
        store.endpoint = value("SLEAP_ROOMS_S3_ENDPOINT")
        store.caFile = value("SLEAP_ROOMS_S3_CA_FILE")
        store.region = value("AWS_REGION") ?? value("AWS_DEFAULT_REGION") ?? store.region
        if let style = value("SLEAP_ROOMS_S3_PATH_STYLE") {
            guard let choice = Self.choices[style.lowercased()] else {
                throw ConfigurationFault("SLEAP_ROOMS_S3_PATH_STYLE", style, "give 1 or 0")
            }
            store.usesPathStyle = choice
        }
        for key in Self.credentialKeys { store.credentials[key] = value(key) }
        return store
    }

    private static let choices = ["1": true, "true": true, "yes": true, "0": false, "false": false, "no": false]

    private static let credentialKeys = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_ENDPOINT_URL_STS", "AWS_SHARED_CREDENTIALS_FILE", "AWS_PROFILE",
        "HOME",
    ]

    /// TLS that this server does not carry: to go on without it would be to lose secrecy quietly.
    private func refuseWhatIsNotServed() throws(ConfigurationFault) {
        for key in Self.notServed {
            guard let text = value(key) ?? value(key + "_FILE"), !text.isEmpty else { continue }
            throw ConfigurationFault(
                key, text, "this version does not serve TLS itself; unset it and put a proxy with TLS in front")
        }
    }

    private static let notServed = ["SLEAP_ROOMS_TLS_CERT_FILE", "SLEAP_ROOMS_TLS_KEY_FILE"]
}
