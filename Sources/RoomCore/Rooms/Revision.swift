/// A room's counter: +1 per change, never reused within an epoch. An empty room stands at 0.
package struct Revision: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int

    package static let zero = Revision(0)

    /// - Precondition: not negative; what peers send goes through ``init(wire:)``.
    package init(_ number: Int) {
        precondition(number >= 0, "a revision counts from 0")
        self.number = number
    }

    package init?(wire number: Int) {
        guard number >= 0 else { return nil }
        self.number = number
    }

    package var successor: Revision { Revision(number + 1) }
    package var description: String { String(number) }

    package static func < (left: Revision, right: Revision) -> Bool { left.number < right.number }
}
