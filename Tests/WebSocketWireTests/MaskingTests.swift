import Testing
import WebSocketWire

@Suite struct MaskingTests {
    private func mask(_ bytes: [UInt8], _ key: UInt32, offset: Int = 0) -> [UInt8] {
        var bytes = bytes
        bytes.withUnsafeMutableBytes { Masking.apply(key, to: $0, offset: offset) }
        return bytes
    }

    /// RFC 6455 §5.3 as it is written: octet i with octet i mod 4 of the key.
    private func maskedByDefinition(_ bytes: [UInt8], _ key: UInt32) -> [UInt8] {
        bytes.enumerated().map { $1 ^ UInt8(truncatingIfNeeded: key >> (24 - 8 * ($0 % 4))) }
    }

    @Test func exampleOfTheStandardIsMasked() {
        #expect(mask(Array("Hello".utf8), exampleKey) == [0x7f, 0x9f, 0x4d, 0x51, 0x58])
    }

    @Test func everyLengthIsMaskedByDefinition() {
        var generator = SeededGenerator(seed: 1)
        for length in 0...70 {
            let bytes = generator.bytes(length)
            #expect(mask(bytes, exampleKey) == maskedByDefinition(bytes, exampleKey))
        }
    }

    @Test func maskingTwiceChangesNothing() {
        var generator = SeededGenerator(seed: 2)
        let bytes = generator.bytes(100)
        #expect(mask(mask(bytes, exampleKey), exampleKey) == bytes)
    }

    @Test func piecesAreMaskedAsTheWhole() {
        var generator = SeededGenerator(seed: 3)
        let bytes = generator.bytes(41)
        let whole = mask(bytes, exampleKey)
        for cut in 0...41 {
            let pieces = mask(Array(bytes[..<cut]), exampleKey) + mask(Array(bytes[cut...]), exampleKey, offset: cut)
            #expect(pieces == whole, "cut at \(cut)")
        }
    }

    @Test func unalignedBytesAreMaskedAndTheirNeighboursLeft() {
        for start in 0..<8 {
            var bytes = [UInt8](repeating: 0, count: 40)
            bytes.withUnsafeMutableBytes {
                Masking.apply(exampleKey, to: UnsafeMutableRawBufferPointer(rebasing: $0[start..<(start + 19)]))
            }
            let expected = maskedByDefinition([UInt8](repeating: 0, count: 19), exampleKey)
            #expect(Array(bytes[start..<(start + 19)]) == expected)
            #expect((bytes[..<start] + bytes[(start + 19)...]).allSatisfy { $0 == 0 })
        }
    }
}
