import Testing

@testable import EventLoops

@Suite struct PendingOutputTests {
    @Test func advancingInAnyStepsLeavesTheRestInOrder() {
        let output = PendingOutput()
        var expected: [UInt8] = []
        for round in 0..<300 {
            let bytes = pattern(round * 37 % 2000 + 1, seed: UInt32(round))
            expected += bytes
            if round % 3 == 0 { output.append(shared: bytes) } else { bytes.withUnsafeBytes { output.append($0) } }
        }
        var step = 1
        while output.byteCount > 5000 {
            output.advance(step)
            expected.removeFirst(step)
            step = step * 5 % 4001 + 1
        }
        #expect(output.byteCount == expected.count)
        #expect(output.takePieces().flatMap(\.bytes) == expected)
        #expect(output.byteCount == 0)
    }

    @Test func smallWritesJoinAndSharedBuffersStayUntouched() {
        let output = PendingOutput()
        let shared = pattern(2000)
        for _ in 0..<10 { [1, 2, 3].withUnsafeBytes { output.append($0) } }
        output.append(shared: shared)
        [4].withUnsafeBytes { output.append($0) }
        let pieces = output.takePieces()
        #expect(pieces.count == 3)
        #expect(pieces[1].bytes == shared)
    }

    @Test func headerAndBytesStayTogether() {
        let output = PendingOutput()
        var expected: [UInt8] = []
        for length in [0, 1, 200, PendingOutput.joinedLength, 20_000, 3] {
            let (header, bytes) = ([0x81, UInt8(length & 127)], pattern(length))
            header.withUnsafeBytes { header in bytes.withUnsafeBytes { output.append(header, $0) } }
            expected += header + bytes
        }
        #expect(output.byteCount == expected.count)
        #expect(output.takePieces().flatMap(\.bytes) == expected)
    }
}
