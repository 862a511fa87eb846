import RoomCore
import RoomStorage
import Synchronization

/// Live rooms for the servers of one process: one server alone, or several in a test.
package final class InProcessLiveRooms: LiveRooms {
    struct State {
        var listeners: [ServerID: Listening] = [:]
        var nextListener = 0
        var followers: [RoomID: Set<ServerID>] = [:]
        var manifests: [RoomID: HeldManifest] = [:]
        var peers: [RoomID: [PeerID: PresentPeer]] = [:]
        /// When the lease of a server ends.
        var leases: [ServerID: Duration] = [:]
        var nextSweep: Duration = .zero
    }

    struct Listening {
        let number: Int
        let news: NewsQueue
    }

    /// Everything happens under this lock, so that all listeners hear of it in the one order it happened in.
    let rooms = Mutex(State())
    let elapsed: @Sendable () -> Duration
    private let newsLimit: Int

    /// - Parameter elapsed: time since any fixed moment; it never falls.
    /// - Parameter newsLimit: pieces of news that may wait for one listener before all of them are given up.
    package init(elapsed: @escaping @Sendable () -> Duration, newsLimit: Int = 65_536) {
        self.elapsed = elapsed
        self.newsLimit = newsLimit
    }

    package var state: StoreState { .reachable }
}

// MARK: - The bus

extension InProcessLiveRooms {
    package func listen(as server: ServerID, hear: @escaping @Sendable (LiveNews) -> Void) async -> LiveListener {
        let news = NewsQueue(limit: newsLimit, hear: hear)
        let number = rooms.withLock { state in
            state.listeners[server]?.news.cancel()
            state.nextListener += 1
            state.listeners[server] = Listening(number: state.nextListener, news: news)
            return state.nextListener
        }
        return LiveListener { [weak self] in
            news.cancel()
            self?.rooms.withLock { state in
                if state.listeners[server]?.number == number { state.listeners[server] = nil }
            }
        }
    }

    package func follow(_ room: RoomID, as server: ServerID) async {
        rooms.withLock { state in _ = state.followers[room, default: []].insert(server) }
    }

    package func unfollow(_ room: RoomID, as server: ServerID) {
        rooms.withLock { state in
            state.followers[room]?.remove(server)
            if state.followers[room]?.isEmpty == true { state.followers[room] = nil }
        }
    }

    package func route(_ frame: RoutedFrame, answer: @escaping @Sendable (_ delivered: Bool) -> Void) {
        let isDelivered = rooms.withLock { state in
            guard let listening = state.listeners[frame.server] else { return false }
            listening.news.offer(.frame(frame))
            return true
        }
        answer(isDelivered)
    }

    package func broadcast(_ order: [UInt8], from server: ServerID) {
        rooms.withLock { state in
            for (listener, listening) in state.listeners where listener != server {
                listening.news.offer(.order(order))
            }
        }
    }
}

// MARK: - Manifests

extension InProcessLiveRooms {
    package func announce(_ commit: LiveCommit) {
        let notice = commit.notice
        rooms.withLock { state in
            if state.manifests[notice.room]?.apply(commit) != true {
                state.listeners[notice.server]?.news.offer(.outOfStep(notice.room))
            }
            state.tell(.committed(notice), about: notice.room, except: notice.server)
        }
    }

    package func store(_ manifest: LiveManifest) {
        rooms.withLock { state in
            if let held = state.manifests[manifest.room], held.epoch == manifest.epoch,
                held.revision >= manifest.revision
            {
                return
            }
            state.manifests[manifest.room] = HeldManifest(manifest)
        }
    }

    package func manifest(of room: RoomID) async -> LiveManifest? {
        rooms.withLock { $0.manifests[room] }?.whole(of: room)
    }

    package func changes(of room: RoomID, after revision: Revision, in epoch: Epoch) async -> [[UInt8]]? {
        rooms.withLock { $0.manifests[room] }?.changes(after: revision, in: epoch)
    }

    package func forget(_ room: RoomID) {
        rooms.withLock { state in state.manifests[room] = nil }
    }
}

extension InProcessLiveRooms.State {
    func tell(_ news: LiveNews, about room: RoomID, except server: ServerID) {
        for follower in followers[room] ?? [] where follower != server { listeners[follower]?.news.offer(news) }
    }
}
