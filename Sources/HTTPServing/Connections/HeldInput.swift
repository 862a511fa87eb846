/// Bytes that arrived before anyone could take them, used up from the front.
struct HeldInput: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { bytes.count == start }

    mutating func append(_ more: Slice<UnsafeMutableRawBufferPointer>) {
        if start > bytes.count / 2 {
            bytes.removeSubrange(..<start)
            start = 0
        }
        bytes.append(contentsOf: UnsafeMutableRawBufferPointer(rebasing: more))
    }

    /// All of it, leaving nothing behind.
    mutating func take() -> HeldInput {
        var taken = HeldInput()
        swap(&taken, &self)
        return taken
    }

    /// Offers all bytes to `reader`, who may change them in place and tells how many of them it has used.
    mutating func offer(to reader: (UnsafeMutableRawBufferPointer) -> Int) {
        let start = start
        let used = bytes.withUnsafeMutableBytes { reader(UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
        self.start += used
        if isEmpty { self = HeldInput() }
    }
}
