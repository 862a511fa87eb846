import Dispatch
import Glibc

/// Says when a socket can be read or written, on a queue.
///
/// It watches a duplicate of the descriptor: libpq closes its own whenever it likes, and a source must not be left
/// with a number that names something else by then.
final class DescriptorWatch {
    private let reading: any DispatchSourceRead
    private let writing: any DispatchSourceWrite
    private var isWriting = false

    /// Nil when the process has no descriptor left.
    init?(_ descriptor: Int32, on queue: DispatchQueue, onReady: @escaping @Sendable () -> Void) {
        let number = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard number >= 0 else { return nil }
        let own = OwnDescriptor(number)
        reading = DispatchSource.makeReadSource(fileDescriptor: number, queue: queue)
        writing = DispatchSource.makeWriteSource(fileDescriptor: number, queue: queue)
        reading.setEventHandler(handler: onReady)
        writing.setEventHandler(handler: onReady)
        // Dispatch lets go of a handler once the cancellation is through, so the later of the two closes.
        reading.setCancelHandler { _ = own }
        writing.setCancelHandler { _ = own }
        reading.resume()
    }

    /// Whether room for writing is told too.
    func watchWriting(_ wanted: Bool) {
        guard wanted != isWriting else { return }
        isWriting = wanted
        if wanted { writing.resume() } else { writing.suspend() }
    }

    deinit {
        reading.cancel()
        writing.cancel()
        // A suspended source never hears of its cancellation.
        if !isWriting { writing.resume() }
    }
}

/// Closes a descriptor with the last reference.
///
/// Closed while a source still watches it, its number could be given out anew, and the new owner would hear nothing.
private final class OwnDescriptor: Sendable {
    private let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }
}
