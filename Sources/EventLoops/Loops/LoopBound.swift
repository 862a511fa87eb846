/// A value that may travel anywhere and be touched on its loop only.
///
/// `@unchecked Sendable`, by this rule: the value is made and read on the loop's thread, and each access checks that
/// (one compare, in release builds too). Only its release may happen elsewhere, so its `deinit` must not touch the
/// loop; a ``StreamSocket`` keeps to that, for the loop holds it until it has ended.
package struct LoopBound<Value>: @unchecked Sendable {
    package let loop: EventLoop
    /// The value without the check, for a caller that checks `loop.isCurrent` itself: a generic getter is not inlined
    /// into other modules, and on the way of a message its copy costs more than all else it does.
    package let unchecked: Value

    package init(_ value: Value, on loop: EventLoop) {
        precondition(loop.isCurrent, "A loop-bound value is made on its loop.")
        self.loop = loop
        unchecked = value
    }

    package var value: Value {
        precondition(loop.isCurrent, "A loop-bound value is touched on its loop.")
        return unchecked
    }

    /// Runs `body` with the value on its loop, later; from anywhere.
    package func execute(_ body: @escaping @Sendable (Value) -> Void) {
        loop.execute { body(value) }
    }
}
