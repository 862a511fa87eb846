import Testing

@testable import HTTPWire

@Suite struct ResponseEncoderTests {
    private let date = "Sun, 06 Nov 1994 08:49:37 GMT"

    private func head(
        _ status: HTTPStatus, _ fields: HTTPFields = [:], body: HTTPBodyFraming, keepAlive: Bool = true,
        peer: HTTPVersion = .http11
    ) -> (text: String, framing: HTTPBodyFraming) {
        var output: [UInt8] = []
        let framing = HTTPResponseEncoder.appendHead(
            status, fields, body: body, keepAlive: keepAlive, peer: peer, date: date, to: &output)
        return (String(decoding: output, as: UTF8.self), framing)
    }

    @Test func aHeadIsWrittenInFull() {
        let expected =
            "HTTP/1.1 200 OK\r\nDate: \(date)\r\nContent-Type: text/plain\r\nX:\u{20}\r\nContent-Length: 1234567890\r\n\r\n"
        let written = head(.ok, ["Content-Type": "text/plain", "X": ""], body: .length(1_234_567_890))
        #expect(written.text == expected)
        #expect(written.framing == .length(1_234_567_890))
    }

    @Test func theEncoderAloneWritesFramingConnectionAndDate() {
        let fields: HTTPFields = [
            "Content-Length": "9", "transfer-encoding": "gzip", "Connection": "close", "DATE": "never", "X": "y",
        ]
        let written = head(.ok, fields, body: .chunked).text
        #expect(written == "HTTP/1.1 200 OK\r\nDate: \(date)\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    @Test func chunksAreNotSentToHTTP10() {
        let written = head(.ok, body: .chunked, peer: .http10)
        #expect(written.framing == .untilClose)
        #expect(written.text == "HTTP/1.1 200 OK\r\nDate: \(date)\r\nConnection: close\r\n\r\n")
    }

    @Test func theConnectionIsSaidWhereItIsNotTheDefault() {
        #expect(head(.ok, body: .length(1), keepAlive: false).text.contains("\r\nConnection: close\r\n"))
        #expect(head(.ok, body: .length(1), peer: .http10).text.contains("\r\nConnection: keep-alive\r\n"))
        #expect(!head(.ok, body: .length(1)).text.contains("Connection"))
        #expect(head(.ok, body: .untilClose).text.contains("\r\nConnection: close\r\n"))
    }

    @Test func statusesWithoutBodyHaveNoFraming() {
        for status in [HTTPStatus.continue, .switchingProtocols, .noContent, .notModified] {
            for body in [HTTPBodyFraming.none, .length(5), .chunked, .untilClose] {
                let written = head(status, body: body)
                #expect(written.framing == .none)
                #expect(!written.text.contains("Content-Length") && !written.text.contains("Transfer-Encoding"))
            }
        }
    }

    @Test func noBodyWhereOneCouldBeHasLengthZero() {
        #expect(head(.notFound, body: .none).text.contains("\r\nContent-Length: 0\r\n"))
    }

    @Test func anUpgradeGetsItsConnectionOption() {
        let written = head(
            .switchingProtocols, ["Upgrade": "websocket", "Connection": "x"], body: .none, keepAlive: false)
        #expect(written.text == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        #expect(head(.continue, body: .none).text == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test func aDateThatCouldEndItsLineIsLeftOut() {
        var output: [UInt8] = []
        HTTPResponseEncoder.appendHead(.ok, [:], body: .none, keepAlive: true, date: "a\r\nX: y", to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func anEmptyChunkWritesNothing() {
        var output: [UInt8] = []
        HTTPResponseEncoder.appendChunk([], to: &output)
        #expect(output.isEmpty)
        HTTPResponseEncoder.appendChunk(Array(repeating: 0x61, count: 26), to: &output)
        #expect(output.starts(with: Array("1a\r\na".utf8)))
    }

    @Test(arguments: [HTTPBodyFraming.length(11), .chunked, .untilClose, .none])
    func whatIsWrittenReadsBack(body: HTTPBodyFraming) throws {
        for (version, method) in [(HTTPVersion.http11, HTTPMethod.get), (.http10, .get), (.http11, .head)] {
            for keepAlive in [true, false] {
                try checkRoundTrip(body, keepAlive, version, method)
            }
        }
    }

    private func checkRoundTrip(
        _ body: HTTPBodyFraming, _ keepAlive: Bool, _ version: HTTPVersion, _ method: HTTPMethod
    ) throws {
        let fields: HTTPFields = ["Content-Type": "text/plain", "X-é": "refused", "Set-Cookie": "a=b; c", "X": "é"]
        var vector = WireVector(title: "\(body) \(keepAlive) \(version) \(method)")
        vector.answering = method
        vector.closes = true
        let framing = HTTPResponseEncoder.appendHead(
            .created, fields, body: body, keepAlive: keepAlive, peer: version, date: date, to: &vector.input)
        let text = framing == .none || method == .head ? "" : "hello world"
        switch framing {
        case .chunked where method != .head:
            HTTPResponseEncoder.appendChunk(Array(text.utf8.prefix(4)), to: &vector.input)
            HTTPResponseEncoder.appendChunk(Array(text.utf8.dropFirst(4)), to: &vector.input)
            HTTPResponseEncoder.appendEnd(to: &vector.input)
        default:
            vector.input += Array(text.utf8)
        }
        let log = try WireLog.responses(vector, cuts: [])
        let stays = keepAlive && framing != .untilClose
        #expect(log.first == "head 201 1.1 \(stays ? "keep-alive" : "close")", "\(vector.title)")
        let read = log.filter { $0.hasPrefix("field ") && !$0.contains("ength") && !$0.contains("ncoding") }
        let kept = read.filter { !$0.contains("Connection") && !$0.contains("Date") }
        #expect(kept == ["field Content-Type: text/plain", "field Set-Cookie: a=b; c", "field X: é"])
        #expect(log.filter { $0.hasPrefix("body ") } == (text.isEmpty ? [] : ["body \(text)"]), "\(vector.title)")
        #expect(log.last == "end")
    }
}
