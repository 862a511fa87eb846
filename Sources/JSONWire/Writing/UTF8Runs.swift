extension UnsafeRawBufferPointer {
    /// The first offset from `start` on whose byte must be escaped, or the count.
    func nextEscape(from start: Int) -> Int {
        guard let base = baseAddress else { return 0 }
        var next = start
        while next &+ 8 <= count {
            let escapes = EightBytes(at: base + next).escapes
            if escapes != 0 { return next &+ EightBytes.firstIndex(in: escapes) }
            next &+= 8
        }
        while next < count, self[next] >= 0x20, self[next] != 0x22, self[next] != 0x5C { next &+= 1 }
        return next
    }

    var isUTF8: Bool {
        guard let base = baseAddress else { return true }
        let text = JSONText(base: base, count: count)
        var next = 0
        while next < count {
            if text.byte(next) < 0x80 {
                next &+= 1
            } else if let end = text.sequenceEnd(next) {
                next = end
            } else {
                return false
            }
        }
        return true
    }
}
