import RoomCore
import RoomStorage
import Synchronization

/// Collects what a listener hears; asking for more than comes fails instead of waiting forever.
final class Inbox: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let heard = Mutex<[LiveNews]>([])

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func hear(_ news: LiveNews) {
        heard.withLock { $0.append(news) }
        continuation.yield()
    }

    var all: [LiveNews] { heard.withLock { $0 } }

    /// The notices about one room.
    func notices(of room: RoomID) -> [RoomNotice] {
        all.compactMap { news in
            if case .committed(let notice) = news, notice.room == room { notice } else { nil }
        }
    }

    /// What was heard when `isEnough` holds for it, or after ten seconds.
    func wait(until isEnough: @escaping @Sendable ([LiveNews]) -> Bool) async -> [LiveNews] {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                if isEnough(self.all) { return }
                for await _ in self.stream where isEnough(self.all) { return }
            }
            group.addTask { try? await Task.sleep(for: .seconds(10)) }
            await group.next()
            group.cancelAll()
        }
        return all
    }

    func wait(for news: LiveNews) async -> [LiveNews] { await wait { $0.contains(news) } }
}
