import HTTPServing
import HTTPWire
import JSONWire
import RoomCore
import RoomService

/// What the record counts.
package struct RecordFacts: Sendable {
    let writes: Int
    let commits: Int
    let failures: Int

    package init(writes: Int, commits: Int, failures: Int) {
        self.writes = writes
        self.commits = commits
        self.failures = failures
    }
}

/// `/metrics`: Prometheus text, or the sleap-rtc JSON for those that accept JSON only.
package struct MetricsRoutes: Sendable {
    private let service: ServiceCounters
    private let serving: ServingCounters
    private let directory: RoomDirectory
    private let health: Health
    private let record: @Sendable () -> RecordFacts
    private let backupAge: @Sendable () -> Int
    private let clock: @Sendable () -> Timestamp

    /// - Parameter backupAge: for how many seconds the oldest change that is not backed up has waited.
    package init(
        service: ServiceCounters, serving: ServingCounters, directory: RoomDirectory, health: Health,
        record: @escaping @Sendable () -> RecordFacts, backupAge: @escaping @Sendable () -> Int,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.service = service
        self.serving = serving
        self.directory = directory
        self.health = health
        self.record = record
        self.backupAge = backupAge
        self.clock = clock
    }

    package func add(to router: inout Router) {
        router.on(.get, "/metrics") { request in
            let accepted = request.head.fields.tokens("Accept")
            return accepted == ["application/json"] ? summary() : .text(exposition())
        }
    }

    private func summary() -> Response {
        .json(
            raw: JSONValue.object([
                "timestamp": .string(clock().description),
                "active_rooms": .integer(directory.loadedRooms.count),
                "active_connections": .integer(serving.webSocketsOpen),
                "total_connections": .integer(serving.connectionsAccepted),
                "total_messages": .integer(serving.framesIn),
            ]).encoded())
    }

    /// https://prometheus.io/docs/instrumenting/exposition_formats/
    private func exposition() -> String {
        let record = record()
        let stores = health.checks
        let counters: [(name: String, help: String, value: Int)] = [
            ("connections_accepted_total", "Sockets accepted.", serving.connectionsAccepted),
            ("http_requests_total", "HTTP requests answered.", serving.requests),
            ("frames_in_total", "WebSocket messages received.", serving.framesIn),
            ("frames_out_total", "WebSocket messages sent.", serving.framesOut),
            ("frames_relayed_total", "Frames passed from peer to peer.", service.framesRelayed.value),
            ("frames_refused_total", "Messages answered with an error, or dropped.", service.framesRefused.value),
            ("stream_events_total", "Events of streams that were kept.", service.eventsPublished.value),
            ("stream_events_dropped_total", "Events of streams that were not.", service.eventsDropped.value),
            ("outbox_overflows_total", "Peers closed because they did not read.", service.outboxOverflows.value),
            ("registrations_total", "Peers admitted.", service.registrations.value),
            ("registrations_refused_total", "Peers refused.", service.registrationsRefused.value),
            ("writes_committed_total", "Changes made durable.", service.writesCommitted.value),
            ("writes_refused_total", "Writes refused by a rule.", service.writesRefused.value),
            ("writes_unavailable_total", "Writes that the record could not take.", service.writesUnavailable.value),
            ("room_commits_total", "Batches of writes made durable.", service.commits.value),
            ("room_conflicts_total", "Batches decided again after another writer.", service.conflicts.value),
            ("record_writes_total", "Writes asked of the record.", record.writes),
            ("record_commits_total", "Commits of the record; many writes share one.", record.commits),
            ("record_failures_total", "Commits of the record that failed.", record.failures),
            ("events_offered_total", "Events offered to watchers.", service.eventsOffered.value),
            ("queries_total", "Registry queries.", service.queries.value),
            ("live_interruptions_total", "Times word between servers was lost.", service.interruptions.value),
            ("rooms_loaded_total", "Rooms read from the record.", service.roomsLoaded.value),
            ("rooms_unloaded_total", "Idle rooms let go.", service.roomsUnloaded.value),
        ]
        let gauges: [(name: String, help: String, value: Int)] = [
            ("rooms", "Rooms in memory.", directory.loadedRooms.count),
            ("connections_open", "Sockets open.", serving.connectionsOpen),
            ("websockets_open", "WebSockets open.", serving.webSocketsOpen),
            ("record_up", "1: the record can be read and written.", stores.record ? 1 : 0),
            ("live_up", "1: the live rooms can be read and written.", stores.live ? 1 : 0),
            ("blobs_up", "1: the object store can be read and written.", stores.blobs ? 1 : 0),
            ("backup_age_seconds", "How long the oldest change that is not backed up has waited.", backupAge()),
        ]
        return Self.lines(counters, type: "counter") + Self.lines(gauges, type: "gauge")
    }

    private static func lines(_ metrics: [(name: String, help: String, value: Int)], type: String) -> String {
        metrics.map { metric in
            let name = "sleap_rooms_\(metric.name)"
            return "# HELP \(name) \(metric.help)\n# TYPE \(name) \(type)\n\(name) \(metric.value)\n"
        }.joined()
    }
}
