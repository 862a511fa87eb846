import Synchronization

/// What a server has done and has open; from anywhere, at any time.
///
/// The numbers are kept by loop and added up when asked for: loops that count frames share no cache line.
package final class ServingCounters: Sendable {
    private let lanes = Mutex<[ServingLane]>([])

    package init() {}

    package var connectionsAccepted: Int { sum { $0.connectionsAccepted.value } }
    package var connectionsOpen: Int { sum { $0.connectionsOpen.value } }
    package var requests: Int { sum { $0.requests.value } }
    package var webSocketsOpen: Int { sum { $0.webSocketsOpen.value } }
    /// Messages of WebSockets, and pings, pongs and closes with them.
    package var framesIn: Int { sum { $0.framesIn.value } }
    package var framesOut: Int { sum { $0.framesOut.value } }
    package var bytesIn: Int { sum { $0.bytesIn.value } }
    /// Bytes given to sockets; what a peer did not wait for is counted too.
    package var bytesOut: Int { sum { $0.bytesOut.value } }

    private func sum(_ count: (ServingLane) -> Int) -> Int {
        lanes.withLock { $0 }.reduce(0) { $0 + count($1) }
    }

    func openLane() -> ServingLane {
        let lane = ServingLane()
        lanes.withLock { $0.append(lane) }
        return lane
    }
}
