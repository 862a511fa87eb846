import Testing
import WebSocketWire

private let mebibyte = 1 << 20

@Suite struct MessageLimitTests {
    @Test(arguments: [0, 1, 7, 8, 125, 126, 127, 65535, 65536, mebibyte])
    func messageOfLengthArrives(_ length: Int) throws {
        var generator = SeededGenerator(seed: UInt64(length))
        let payload = (0..<length / 8 + 1).flatMap { _ in eightBytes(generator.next()) }.prefix(length)
        let wire = masked(.binary, Array(payload))
        let headerSize = FrameEncoder.headerSize(forLength: length, masked: true)
        #expect(wire.count == headerSize + length)
        #expect(try hear([wire]) == [.binary(Array(payload))])
        for cut in [1, 2, headerSize - 1, headerSize, headerSize + 1, wire.count - 1] where cut < wire.count {
            #expect(try hear([wire[..<cut], wire[cut...]]) == [.binary(Array(payload))], "cut at \(cut)")
        }
    }

    @Test func messageOverTheLimitIsRefusedFromItsHeader() {
        var head: [UInt8] = []
        FrameEncoder.appendHeader(.text, length: mebibyte + 1, maskKey: exampleKey, to: &head)
        #expect(fault(head) == .messageTooBig(limit: mebibyte))
        #expect(fault(head)?.closeCode == .messageTooBig)
    }

    @Test func fragmentsCountTogether() throws {
        let start = masked(.binary, [1, 2, 3], fin: false)
        #expect(try hear([start + masked(.continuation, [4])], limit: 4) == [.binary([1, 2, 3, 4])])
        #expect(fault(start + header(0x80, 0x82), limit: 4) == .messageTooBig(limit: 4))
    }

    @Test func limitIsPerMessage() throws {
        let four = masked(.binary, [1, 2, 3], fin: false) + masked(.continuation, [4])
        #expect(try hear([four + four], limit: 4).count == 2)
    }

    @Test func limitDoesNotBindControlFrames() throws {
        #expect(try hear([masked(.ping, "ping")], limit: 0) == [.ping(Array("ping".utf8))])
    }

    @Test func limitOfNothingAdmitsEmptyMessages() throws {
        #expect(try hear([masked(.text, "")], limit: 0) == [.text("")])
        #expect(fault(masked(.text, "a"), limit: 0) == .messageTooBig(limit: 0))
    }

    @Test func assembledMessageIsNotSharedWithTheDecoder() throws {
        var decoder = FrameDecoder(role: .server)
        let wire = masked(.binary, [1, 2, 3], fin: false) + masked(.continuation, [4])
        let first = try decoder.events(wire)
        let second = try decoder.events(wire)
        #expect(first == [.message(kind: .binary, body: .assembled([1, 2, 3, 4]))])
        #expect(second == first)
    }
}
