/// The first bytes of a header that a read cut in two, kept inside the decoder so that the caller keeps nothing.
struct PartialHeader: Sendable {
    private var bytes = SIMD16<UInt8>()
    private var count: UInt8 = 0

    var isEmpty: Bool { count == 0 }

    /// Takes bytes of `input` one by one until the header is whole; nil when `input` ends first.
    mutating func complete(
        from input: UnsafeRawBufferPointer, consumed: inout Int
    ) throws(WebSocketFault) -> FrameHeader? {
        while consumed < input.count {
            bytes[Int(count)] = input[consumed]
            count += 1
            consumed += 1
            if let header = try parsed() {
                count = 0
                return header
            }
        }
        return nil
    }

    private func parsed() throws(WebSocketFault) -> FrameHeader? {
        let count = Int(count)
        return try withUnsafeBytes(of: bytes) { (whole) throws(WebSocketFault) in
            try FrameHeader.parse(UnsafeRawBufferPointer(rebasing: whole[..<count]))
        }
    }
}
