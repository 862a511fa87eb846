import Testing

@testable import HTTPWire

@Suite struct MutationTests {
    private static let seeds: [[UInt8]] = [
        "GET /a/b%20c?x=1&y=2 HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nT: 1\r\n\r\n",
        "GET http://a/ HTTP/1.0\r\nExpect: 100-continue\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ].map { Array($0.utf8) }
    private static let responseSeeds: [[UInt8]] = [
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nX: y\r\n\r\nuntil close",
    ].map { Array($0.utf8) }

    /// Bytes that mean something, and so hit more than random ones.
    private static let marks = Array("\r\n :;,%/?0x\"\t\0\u{7f}".utf8)

    @Test(arguments: 0..<4)
    func mutatedRequestsReadTheSameHoweverTheyAreCut(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        for _ in 0..<250 {
            let input = mutated(Self.seeds[seed], &random)
            let cuts = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Int.random(in: 0...input.count, using: &random)
            }
            let whole = try WireLog.requests(input, cuts: [])
            let cut = try WireLog.requests(input, cuts: cuts.sorted())
            if cut != whole { Issue.record("\(input), cut at \(cuts)") }
        }
    }

    @Test(arguments: 0..<3)
    func mutatedResponsesReadTheSameHoweverTheyAreCut(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        for _ in 0..<250 {
            var vector = WireVector(title: "mutated")
            vector.closes = true
            vector.input = mutated(Self.responseSeeds[seed], &random)
            let cut = Int.random(in: 0...vector.input.count, using: &random)
            let whole = try WireLog.responses(vector, cuts: [])
            let log = try WireLog.responses(vector, cuts: [cut])
            if log != whole { Issue.record("\(vector.input), cut at \(cut)") }
        }
    }

    private func mutated(_ input: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = input
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let at = Int.random(in: 0..<max(1, bytes.count), using: &random)
            let isMark = Bool.random(using: &random)
            let byte =
                (isMark ? Self.marks.randomElement(using: &random) : nil) ?? UInt8.random(in: 0...255, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where at < bytes.count: bytes[at] = byte
            case 1 where at < bytes.count: bytes.remove(at: at)
            case 2 where at < bytes.count: bytes.replaceSubrange(at..<min(bytes.count, at + 8), with: input.prefix(16))
            case 3: bytes.removeLast(min(bytes.count / 4, at))
            default: bytes.insert(byte, at: min(at, bytes.count))
            }
        }
        return bytes
    }
}
