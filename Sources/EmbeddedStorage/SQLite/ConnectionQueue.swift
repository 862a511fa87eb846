import Dispatch
import RoomStorage

/// A connection and the one serial queue it is used on.
///
/// SQLite blocks, so its calls stay off Swift's own threads. This is the only place that promises safety to the
/// compiler unchecked: `connection` is touched in blocks of `queue` alone, and the queue runs one at a time.
final class ConnectionQueue: @unchecked Sendable {
    private let queue: DispatchQueue
    private var connection: SQLiteConnection?

    init(label: String) { queue = DispatchQueue(label: label) }

    /// Opens the connection on its queue, and prepares it there.
    func open(
        _ make: @escaping @Sendable () throws(StoreError) -> SQLiteConnection
    ) async throws(StoreError) {
        let result: Result<Void, StoreError> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(
                    returning: Result { () throws(StoreError) in self.connection = try make() })
            }
        }
        try result.get()
    }

    /// Runs work with the connection after all work submitted before; with nil once it is closed.
    func submit(_ work: @escaping @Sendable (SQLiteConnection?) -> Void) {
        queue.async { work(self.connection) }
    }

    /// Closes the connection after all work submitted before.
    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.connection = nil
                continuation.resume()
            }
        }
    }
}
