import Testing

@testable import HTTPWire

@Suite struct RequestDecoderTests {
    @Test func consumedStopsExactlyBehindTheHeadOfAnUpgrade() throws {
        let head = Array("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n".utf8)
        let input = head + [0x81, 0x85, 0x0d, 0x0a]
        for cut in 0..<head.count {
            var decoder = HTTPRequestDecoder()
            var first = 0
            let early = try Array(input[..<cut]).withUnsafeBytes { try decoder.next($0, consumed: &first) }
            #expect(early == nil)
            #expect(first == cut)
            var second = 0
            let event = try Array(input[cut...]).withUnsafeBytes { try decoder.next($0, consumed: &second) }
            guard case .head(let request) = event else {
                Issue.record("no head when cut at \(cut)")
                continue
            }
            #expect(request.isUpgrade(to: "websocket"))
            #expect(cut + second == head.count)
        }
    }

    @Test func bodiesAreSlicesOfTheInput() throws {
        let input = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi".utf8)
        var decoder = HTTPRequestDecoder()
        var consumed = 0
        try input.withUnsafeBytes { bytes in
            _ = try decoder.next(bytes, consumed: &consumed)
            let body = try decoder.next(bytes, consumed: &consumed)
            #expect(body == .body(input.count - 2..<input.count))
            let end = try decoder.next(bytes, consumed: &consumed)
            #expect(end == .end)
            let nothing = try decoder.next(bytes, consumed: &consumed)
            #expect(nothing == nil)
        }
    }

    @Test func aFaultIsRepeatedForEver() {
        var decoder = HTTPRequestDecoder()
        let good = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        for input in [Array("bad\r\n".utf8), good, []] {
            var consumed = 0
            #expect(throws: HTTPFault.malformedRequestLine) {
                try input.withUnsafeBytes { try decoder.next($0, consumed: &consumed) }
            }
        }
    }

    @Test func requestsInProgressAreTold() throws {
        var decoder = HTTPRequestDecoder()
        #expect(decoder.isBetweenRequests)
        let steps: [(String, Bool)] = [
            ("\r\n", true), ("G", false), ("ET / HTTP/1.1\r\n", false), ("Host: a\r\nContent-Length: 1\r\n\r\n", false),
            ("x", true), ("\r", false),
        ]
        for (text, isBetween) in steps {
            var consumed = 0
            try Array(text.utf8).withUnsafeBytes { bytes in
                while try decoder.next(bytes, consumed: &consumed) != nil {}
            }
            #expect(decoder.isBetweenRequests == isBetween, "after \(text)")
        }
    }

    @Test func defaultLimitsHoldToTheByte() throws {
        let line = "GET /\(String(repeating: "a", count: 8192 - 14)) HTTP/1.1\r\n"
        #expect(try faultOf(line + "Host: a\r\n\r\n") == nil)
        #expect(try faultOf("X" + line) == .targetTooLong)
        let field = "X: \(String(repeating: "a", count: 32768 - 9 - 5))\r\n"
        #expect(try faultOf("GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n") == nil)
        #expect(try faultOf("GET / HTTP/1.1\r\nHost: a\r\nX" + field + "\r\n") == .headersTooLarge)
        let fields = String(repeating: "X: y\r\n", count: 99)
        #expect(try faultOf("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n") == nil)
        #expect(try faultOf("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "X: y\r\n\r\n") == .tooManyHeaders)
    }

    @Test func limitsAreBounded() {
        let limits = HTTPLimits(maxRequestLine: .max, maxHeaderBytes: -1, maxBodyBytes: .min)
        #expect(limits.maxRequestLine == 16 << 20)
        #expect(limits.maxHeaderBytes == 0)
        #expect(limits.maxBodyBytes == 0)
    }

    @Test func aBodyMayBeAsLongAsIntCanSay() throws {
        let text = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\nx"
        #expect(try faultOf(text, HTTPLimits(maxBodyBytes: .max)) == nil)
        #expect(try faultOf(text) == .bodyTooLarge)
    }

    private func faultOf(_ text: String, _ limits: HTTPLimits = HTTPLimits()) throws -> HTTPFault? {
        let last = try WireLog.requests(Array(text.utf8), cuts: [], limits: limits).last ?? ""
        return last.hasPrefix("fault ") ? HTTPFault(rawValue: String(last.dropFirst(6))) : nil
    }
}
