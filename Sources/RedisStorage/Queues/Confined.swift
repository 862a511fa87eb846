import Dispatch

/// Something that is touched on one serial queue alone.
///
/// hiredis readers, TLS connections and everything above them are plain objects of one queue. This is the only place
/// that promises safety to the compiler unchecked: `content` is reached in blocks of `queue`, which runs one at a time.
final class Confined<Content>: @unchecked Sendable {
    private let content: Content
    private let queue: DispatchQueue

    init(_ content: Content, to queue: DispatchQueue) {
        self.content = content
        self.queue = queue
    }

    /// Runs work with the content after all work submitted before.
    func submit(_ work: @escaping @Sendable (Content) -> Void) {
        queue.async { work(self.content) }
    }
}
