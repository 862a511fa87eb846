/// The numbers or times of one field in ascending order, each with the model it is of.
///
/// A change appends; now and then what was appended is merged into the sorted rest, so that a change costs a constant
/// over time. A value that a model has no longer may stay for a while: whoever reads a range looks at the models anyway.
struct NumberColumn: Sendable {
    private struct Item {
        let value: Double
        let slot: Int32
    }

    private var sorted: [Item] = []
    private var fresh: [Item] = []
    private var stale = 0
    /// Whether some model has, or had, several values: a condition on it may hold by one and another by another.
    private(set) var holdsLists = false

    /// - Parameter values: of each model, in the order of their places.
    init(_ values: some Sequence<[Double]>) {
        for (slot, values) in values.enumerated() {
            if values.count > 1 { holdsLists = true }
            for value in values { sorted.append(Item(value: value, slot: Int32(slot))) }
        }
        sorted.sort { $0.value < $1.value }
    }

    /// Whether enough has gone stale for the column to be made anew.
    var isWorn: Bool { stale > 256 + sorted.count / 2 }

    mutating func move(from old: [Double], to new: [Double], at slot: Int32) {
        guard old != new else { return }
        stale += old.count
        if new.count > 1 { holdsLists = true }
        for value in new { fresh.append(Item(value: value, slot: slot)) }
        if fresh.count > 64 + sorted.count / 32 { merge() }
    }

    private mutating func merge() {
        fresh.sort { $0.value < $1.value }
        var merged: [Item] = []
        merged.reserveCapacity(sorted.count + fresh.count)
        var next = 0
        for item in sorted {
            while next < fresh.count, fresh[next].value < item.value {
                merged.append(fresh[next])
                next += 1
            }
            merged.append(item)
        }
        merged.append(contentsOf: fresh[next...])
        sorted = merged
        fresh = []
    }

    /// An upper bound on the models of a range.
    func count(in range: ClosedRange<Double>) -> Int { places(of: range).count + fresh.count }

    /// The models of a range, and maybe some that were in it once.
    func slots(in range: ClosedRange<Double>) -> Slots {
        var slots = sorted[places(of: range)].map(\.slot)
        slots += fresh.lazy.filter { range.contains($0.value) }.map(\.slot)
        slots.settle()
        return slots
    }

    private func places(of range: ClosedRange<Double>) -> Range<Int> {
        let start = firstPlace { $0 >= range.lowerBound }
        return start..<max(start, firstPlace { $0 > range.upperBound })
    }

    private func firstPlace(where isBehind: (Double) -> Bool) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(sorted[middle].value) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
