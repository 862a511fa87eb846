import RoomCore
import RoomStorage
import Synchronization

/// Live rooms for the servers of one process: one server alone, or several in a test.
package final class InProcessLiveRooms: LiveRooms {
    private struct State {
        var listeners: [Int: Listening] = [:]
        var nextListener = 0
        var leases: [RoomID: [PeerID: Lease]] = [:]
        var nextSweep: Duration = .zero
    }

    private struct Listening {
        let server: ServerID
        let notices: NoticeQueue
    }

    private struct Lease {
        let peer: PresentPeer
        let server: ServerID
        let end: Duration
    }

    private let state = Mutex(State())
    private let elapsed: @Sendable () -> Duration
    private let noticeLimit: Int
    /// How often leases are swept in rooms that nobody asks for.
    private let sweepInterval = Duration.seconds(60)

    /// - Parameter elapsed: time since any fixed moment; it never falls.
    /// - Parameter noticeLimit: notices that may wait for one listener before older ones are left out.
    package init(elapsed: @escaping @Sendable () -> Duration, noticeLimit: Int = 65_536) {
        self.elapsed = elapsed
        self.noticeLimit = noticeLimit
    }
}

// MARK: - Notices

extension InProcessLiveRooms {
    package func announce(_ notice: RoomNotice) async {
        // Offered under the lock, so that every listener hears notices in the one order they were announced in.
        state.withLock { state in
            for listening in state.listeners.values where listening.server != notice.server {
                listening.notices.offer(notice)
            }
        }
    }

    package func listen(
        as server: ServerID, hear: @escaping @Sendable (RoomNotice) -> Void
    ) async -> LiveListener {
        let notices = NoticeQueue(limit: noticeLimit, hear: hear)
        let number = state.withLock { state in
            defer { state.nextListener += 1 }
            state.listeners[state.nextListener] = Listening(server: server, notices: notices)
            return state.nextListener
        }
        return LiveListener { [weak self] in
            notices.cancel()
            self?.state.withLock { state in _ = state.listeners.removeValue(forKey: number) }
        }
    }
}

// MARK: - Presence

extension InProcessLiveRooms {
    package func renew(_ peers: [PresentPeer], of server: ServerID, for term: Duration) async {
        let now = elapsed()
        state.withLock { state in
            for peer in peers {
                state.leases[peer.room, default: [:]][peer.peer] = Lease(peer: peer, server: server, end: now + term)
            }
            sweep(&state, at: now)
        }
    }

    package func leave(_ peer: PeerID, in room: RoomID, session: String) async {
        state.withLock { state in
            guard state.leases[room]?[peer]?.peer.session == session else { return }
            state.leases[room]?[peer] = nil
            if state.leases[room]?.isEmpty == true { state.leases[room] = nil }
        }
    }

    package func presence(in room: RoomID) async -> [PresentPeer] {
        let now = elapsed()
        let leases = state.withLock { $0.leases[room] ?? [:] }
        return leases.values.filter { $0.end > now }.map(\.peer).sorted { $0.peer < $1.peer }
    }

    private func sweep(_ state: inout State, at now: Duration) {
        guard now >= state.nextSweep else { return }
        state.nextSweep = now + sweepInterval
        state.leases = state.leases.compactMapValues { leases in
            let running = leases.filter { $0.value.end > now }
            return running.isEmpty ? nil : running
        }
    }
}
