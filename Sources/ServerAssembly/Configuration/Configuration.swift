import EventLoops
import HTTPServing
import RoomService

/// Everything an operator can set, with its defaults.
package struct Configuration: Sendable, Equatable {
    package var dataDirectory = "./data"
    package var listen = ["127.0.0.1:8080"]
    /// A libpq URI; the record is a SQLite file in the data directory when nil.
    package var databaseURL: String?
    /// The live rooms are this process's own when nil.
    package var redisURL: String?
    package var redisCAFile: String?
    /// Blobs lie in the data directory when nil.
    package var objectStore: ObjectStore?
    /// The address users see; from the listener when nil.
    package var publicURL: String?
    /// PEM of the RS256 key; made in the data directory when nil.
    package var jwtPrivateKey: String?
    package var logLevel = "info"
    package var logFormat = LogFormat.text
    /// 0: one loop per core.
    package var loops = 0
    /// 0: as many as the descriptor limit allows.
    package var maxConnections = 0
    /// 0: no limit beyond the total; behind an ingress all sockets share its address.
    package var maxConnectionsPerAddress = 0
    package var maxConnectionsPerIdentity = 256
    package var outboxBytes = 8 << 20
    package var maxMessageBytes = 1 << 20
    package var handshakeTimeoutSeconds = 10
    package var idleTimeoutSeconds = 75
    package var pingIntervalSeconds = 20
    package var requestsPerSecond = 2000
    package var maxModelsPerRoom = 50_000
    /// 0: the whole history is kept.
    package var historyChanges = 0
    package var drainSeconds = 20
    /// The bearer token of operators; without one their routes are not there.
    package var adminToken: String?
    package var logins = Logins()
    /// Bytes and models that one room may store; 0: no limit.
    package var roomQuotaBytes = 0
    package var roomQuotaModels = 0
    /// The largest file that is uploaded in one piece, and the size of parts beyond it.
    package var wholeUploadBytes = 64 << 20
    package var partBytes = 16 << 20
    package var addressSeconds = 3600
    package var uploadSeconds = 7 * 86_400
    /// 0: objects and models are not compared.
    package var fileCheckSeconds = 300
    package var orphanGraceSeconds = 7 * 86_400
    /// Take over a bucket that holds the backups of another installation.
    package var adoptsBackups = false
    /// A snapshot is kept after so many changes or seconds.
    package var backupSnapshotChanges = 500
    package var backupSnapshotSeconds = 60
    /// For how long everything is kept, then one snapshot an hour, then one a day.
    package var backupAllSeconds = 86_400
    package var backupHourlySeconds = 7 * 86_400
    package var backupDailySeconds = 365 * 86_400
    /// STUN and TURN servers that peers are told of, and the secret shared with the TURN servers.
    package var stunURLs: [String] = []
    package var turnURLs: [String] = []
    package var turnSecret: String?
    package var turnSeconds = 86_400
    package var workerRequestsPerSecond = 50
    package var streamReaders = 4096
    package var streamSeconds = 3600
    package var groupSeconds = 604_800

    package init() {}

    /// Where the blobs lie, and what the environment tells of credentials for it.
    package struct ObjectStore: Sendable, Equatable {
        package var bucket: String
        package var prefix = ""
        /// Amazon's own when nil.
        package var endpoint: String?
        /// Nil: by path at an endpoint of one's own, by host at Amazon.
        package var usesPathStyle: Bool?
        package var region = "us-east-1"
        package var caFile: String?
        package var credentials: [String: String] = [:]

        package init(bucket: String) { self.bucket = bucket }
    }

    package enum LogFormat: String, Sendable, CaseIterable {
        case text, json
    }

    package var service: ServiceSettings {
        var settings = ServiceSettings()
        settings.limits.messageBytes = maxMessageBytes
        settings.limits.pingIntervalSeconds = pingIntervalSeconds
        settings.limits.requestsPerSecond = requestsPerSecond
        settings.manifestLimits.models = maxModelsPerRoom
        settings.outboxBytes = outboxBytes
        settings.historyChanges = historyChanges == 0 ? nil : historyChanges
        settings.socketsPerIdentity = maxConnectionsPerIdentity
        settings.workerRequestsPerSecond = workerRequestsPerSecond
        settings.streams.readers = streamReaders
        settings.streams.bufferSeconds = Int64(streamSeconds)
        settings.groupSeconds = Int64(groupSeconds)
        settings.ice.stunURLs = stunURLs
        settings.ice.turnURLs = turnURLs
        settings.ice.turnSecret = turnSecret ?? ""
        settings.ice.credentialSeconds = Int64(turnSeconds)
        return settings
    }

    package var serving: ServingLimits {
        var limits = ServingLimits()
        limits.webSocketMessageBytes = maxMessageBytes
        limits.headTimeout = .seconds(handshakeTimeoutSeconds)
        limits.keepAliveIdle = .seconds(idleTimeoutSeconds)
        limits.pingInterval = .seconds(pingIntervalSeconds)
        return limits
    }

    /// The limits on sockets, when the process may have `descriptors` open.
    package func connections(descriptors: Int) -> ConnectionLimits {
        let possible = max(1, descriptors - 128)
        let total = maxConnections == 0 ? possible : maxConnections
        return ConnectionLimits(
            total: total, perAddress: maxConnectionsPerAddress == 0 ? total : maxConnectionsPerAddress)
    }
}

/// A setting that cannot be used: it names the key, the value and what to write instead.
package struct ConfigurationFault: Error, Equatable, Sendable, CustomStringConvertible {
    package let key: String
    package let value: String
    package let remedy: String

    package init(_ key: String, _ value: String, _ remedy: String) {
        self.key = key
        self.value = value
        self.remedy = remedy
    }

    package var description: String { "\(key)=\(value): \(remedy)" }
}
