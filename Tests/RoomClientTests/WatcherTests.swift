import JSONWire
import Testing

@testable import RoomClient

/// A watch proves that it misses nothing.
@Suite struct WatcherTests {
    private func subscribed(_ mode: String, epoch: String = "e1", revision: Int) -> JSONObject {
        [
            "type": "registry_subscribed", "mode": .string(mode), "epoch": .string(epoch),
            "revision": .integer(revision),
        ]
    }

    private func event(_ revision: Int, epoch: String = "e1") -> JSONObject {
        ["type": "registry_event", "epoch": .string(epoch), "revision": .integer(revision)]
    }

    private func watcher(filters: JSONObject = [:]) throws -> Watcher {
        var watcher = Watcher(position: nil, filters: filters, presence: false)
        try watcher.begin(subscribed("snapshot", revision: 7))
        _ = try watcher.take(["type": "registry_snapshot", "models": [], "last": true])
        return watcher
    }

    @Test func changesFollowTheSnapshot() throws {
        var watcher = try watcher()
        #expect(watcher.position == WatchPosition(epoch: "e1", revision: 7))
        _ = try watcher.take(event(8))
        #expect(watcher.position == WatchPosition(epoch: "e1", revision: 8))
    }

    @Test func thePositionIsTheSnapshotsOnlyWithItsLastPage() throws {
        var watcher = Watcher(position: nil, filters: [:], presence: false)
        try watcher.begin(subscribed("snapshot", revision: 7))
        _ = try watcher.take(["type": "registry_snapshot", "models": [], "last": false])
        #expect(watcher.position == nil)
    }

    @Test(arguments: [7, 9, 3]) func aGapOrARepeatIsAFault(_ revision: Int) throws {
        var watcher = try watcher()
        #expect(throws: ClientFault.protocolViolation("revision \(revision) came after 7")) {
            try watcher.take(event(revision))
        }
    }

    @Test func filteredWatchesMaySkipButNeverGoBack() throws {
        var watcher = try watcher(filters: ["status": "completed"])
        _ = try watcher.take(event(12))
        #expect(throws: ClientFault.self) { try watcher.take(event(12)) }
    }

    @Test func anEventOfAnotherEpochIsAFault() throws {
        var watcher = try watcher()
        #expect(throws: ClientFault.self) { try watcher.take(event(8, epoch: "e2")) }
    }

    @Test func resumingInAnotherEpochIsAFault() throws {
        var watcher = try watcher()
        #expect(throws: ClientFault.self) { try watcher.begin(subscribed("resume", epoch: "e2", revision: 9)) }
    }

    @Test func resumingGoesOnWhereItStopped() throws {
        var watcher = try watcher()
        _ = try watcher.take(event(8))
        try watcher.begin(subscribed("resume", revision: 20))
        _ = try watcher.take(event(9))
        #expect(throws: ClientFault.self) { try watcher.take(event(11)) }
    }
}
