import RoomCore
import RoomStorage
import Testing

@testable import RedisStorage

@Suite struct WireTests {
    private let room = RoomID(trusted: "a1b2c3d4")

    @Test(arguments: [
        ("123456789", 12_739), ("foo", 12_182), ("{foo}.bar", 12_182), ("a{foo}{bar}", 12_182), ("{}foo", 9_500),
        ("", 0),
    ])
    func slotsAreThoseOfTheSpecification(_ key: String, _ slot: Int) {
        #expect(SlotMap.slot(of: key) == slot)
    }

    @Test func redirectionsAreRead() {
        let asked = RedisEndpoint(host: "h", port: 1)
        let moved = Redirection("MOVED 3999 127.0.0.1:6381", from: asked)
        #expect(moved?.isLasting == true && moved?.slot == 3_999)
        #expect(moved?.endpoint == RedisEndpoint(host: "127.0.0.1", port: 6_381))
        #expect(Redirection("ASK 1 :6381", from: asked)?.endpoint == RedisEndpoint(host: "h", port: 6_381))
        for junk in ["MOVED", "MOVED x y:1", "MOVED 1 y:", "MOVED 1 y:0", "ERR 1 y:1"] {
            #expect(Redirection(junk, from: asked) == nil)
        }
    }

    @Test func framesComeBackAsTheyWent() {
        let frame = RoutedFrame(
            server: ServerID("sérver"), room: room, peer: PeerID(trusted: "p"), session: "", text: [0, 255, 13, 10])
        var bytes: [UInt8] = []
        Envelope.append(frame, to: &bytes)
        #expect(bytes.count == Envelope.size(of: frame))
        #expect(Envelope.read(bytes) == .news(.frame(frame), from: frame.server))
    }

    @Test func noticesTooLargeToCarryComeWithoutChanges() {
        let large = notice([[UInt8](repeating: 1, count: 300_000)])
        guard case .news(.committed(let heard), _) = Envelope.read(Envelope.committed(large)) else {
            Issue.record("unreadable")
            return
        }
        #expect(heard == notice([]))
        let small = notice([[1, 2]])
        #expect(Envelope.read(Envelope.committed(small)) == .news(.committed(small), from: small.server))
    }

    @Test func noCutOrChangedEnvelopeIsTakenForAnother() {
        let whole = Envelope.committed(notice([[1, 2, 3]]))
        for count in 0..<whole.count { #expect(Envelope.read(Array(whole[..<count])) == nil) }
        #expect(Envelope.read(whole + [0]) == nil)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255) }
            // It may be read as another, and must not trap.
            _ = Envelope.read(bytes)
        }
    }

    @Test func entriesOfLaterTimesAreLaterInByteOrder() {
        let entries = [Int64.min, -1, 0, 1, .max].map { moment in
            PresenceEntry.encode(
                PresentPeer(
                    room: room, peer: PeerID(trusted: "p"), server: ServerID("s"), session: "x", owner: "o",
                    role: .worker, worker: nil, connectedAt: Timestamp(microseconds: moment), card: []))
        }
        for (earlier, later) in zip(entries, entries.dropFirst()) { #expect(earlier.lexicographicallyPrecedes(later)) }
    }

    @Test func repliesAreReadHoweverTheyAreCut() throws {
        let reader = try #require(ReplyReader(limit: 1_000))
        var values: [RedisValue] = []
        for byte in Array("*3\r\n$3\r\na\r\n\r\n:7\r\n$-1\r\n+OK\r\n-ERR no\r\n".utf8) {
            try withUnsafeBytes(of: byte) { try reader.feed($0) }
            while let value = try reader.next() { values.append(value) }
        }
        #expect(
            values == [
                .array([.bytes(Array("a\r\n".utf8)), .integer(7), .null]), .bytes(Array("OK".utf8)), .error("ERR no"),
            ])
    }

    @Test func repliesBeyondTheLimitAreRefused() throws {
        let reader = try #require(ReplyReader(limit: 1_000))
        let bytes = Array("$5000\r\n".utf8) + [UInt8](repeating: 1, count: 2_000)
        #expect(throws: RedisFault.self) { try bytes.withUnsafeBytes { try reader.feed($0) } }
    }

    private func notice(_ changes: [[UInt8]]) -> RoomNotice {
        RoomNotice(
            server: ServerID("s"), room: room, epoch: Epoch(trusted: "e"), base: Revision(4), revision: Revision(5),
            changes: changes)
    }
}
