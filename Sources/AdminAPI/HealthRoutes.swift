import HTTPServing
import HTTPWire
import JSONWire
import RoomCore
import Synchronization

/// What the server says of itself.
package enum ServingState: String, Sendable {
    case starting, ready, degraded, draining
}

/// Whether each store answers, as of the last look.
package struct StoreChecks: Sendable, Equatable {
    package var record = true
    package var live = true
    package var blobs = true

    package init() {}

    package var allGood: Bool { record && live && blobs }
}

/// The state that the health routes tell; set by whoever runs the server.
package final class Health: Sendable {
    private let current = Mutex<(phase: ServingState, checks: StoreChecks)>((.starting, StoreChecks()))

    package init() {}

    package func enter(_ phase: ServingState) { current.withLock { $0.phase = phase } }

    /// Notes what a look at one store found; true when that is another than before.
    package func note(_ store: WritableKeyPath<StoreChecks, Bool>, isGood: Bool) -> Bool {
        current.withLock { current in
            defer { current.checks[keyPath: store] = isGood }
            return current.checks[keyPath: store] != isGood
        }
    }

    package var checks: StoreChecks { current.withLock { $0.checks } }

    package var state: ServingState {
        current.withLock { current in
            current.phase == .ready && !current.checks.allGood ? .degraded : current.phase
        }
    }
}

/// `/livez`, `/readyz` and `/health`.
package struct HealthRoutes: Sendable {
    private let health: Health
    private let version: String
    private let clock: @Sendable () -> Timestamp

    package init(_ health: Health, version: String, clock: @escaping @Sendable () -> Timestamp) {
        self.health = health
        self.version = version
        self.clock = clock
    }

    package func add(to router: inout Router) {
        router.on(.get, "/livez") { _ in .json(raw: JSONValue.object(["status": "alive"]).encoded()) }
        router.on(.get, "/readyz") { _ in ready() }
        router.on(.get, "/health") { _ in
            .json(
                raw: JSONValue.object([
                    "status": "healthy", "timestamp": .string(clock().description), "version": .string(version),
                ]).encoded())
        }
    }

    private func ready() -> Response {
        let state = health.state
        let checks = health.checks
        func word(_ isGood: Bool) -> JSONValue { isGood ? "ok" : "unavailable" }
        let body = JSONValue.object([
            "status": .string(state.rawValue),
            "checks": ["record": word(checks.record), "live": word(checks.live), "blobs": word(checks.blobs)],
        ])
        let isServing = state == .ready || state == .degraded
        return .json(raw: body.encoded(), status: isServing ? .ok : .serviceUnavailable)
    }
}
