/// Places of models in an index: ascending, each once.
typealias Slots = [Int32]

extension Slots {
    /// The first place that is not before `slot`.
    func lowerBound(of slot: Int32) -> Int {
        if let last, last < slot { return count }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < slot { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func has(_ slot: Int32) -> Bool {
        let index = lowerBound(of: slot)
        return index < count && self[index] == slot
    }

    /// New models come last, so this is one append in most cases, else a move of a few bytes per model.
    mutating func add(_ slot: Int32) {
        let index = lowerBound(of: slot)
        guard index == count || self[index] != slot else { return }
        insert(slot, at: index)
    }

    mutating func drop(_ slot: Int32) {
        let index = lowerBound(of: slot)
        guard index < count, self[index] == slot else { return }
        remove(at: index)
    }

    /// What was put together out of several, in order again.
    mutating func settle() {
        sort()
        var kept = 0
        for index in indices where index == 0 || self[index] != self[kept - 1] {
            self[kept] = self[index]
            kept += 1
        }
        removeLast(count - kept)
    }
}
