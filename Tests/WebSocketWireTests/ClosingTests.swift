import Testing
import WebSocketWire

@Suite struct CloseCodeTests {
    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
    func codeThatMayTravelIsHeard(_ code: UInt16) throws {
        #expect(CloseCode(rawValue: code).isSendable)
        let wire = masked(.close, [UInt8(code >> 8), UInt8(code & 0xFF)])
        #expect(try hear([wire]) == [.close(CloseCode(rawValue: code), reason: "")])
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
    func codeThatMayNotTravelIsRefused(_ code: UInt16) {
        #expect(!CloseCode(rawValue: code).isSendable)
        #expect(fault(masked(.close, [UInt8(code >> 8), UInt8(code & 0xFF)])) == .invalidCloseCode(code))
    }

    @Test func namedCodesAreThoseOfTheRegistry() {
        let named: [CloseCode] = [
            .normalClosure, .goingAway, .protocolError, .unsupportedData, .reserved, .noStatusReceived,
            .abnormalClosure, .invalidPayload, .policyViolation, .messageTooBig, .mandatoryExtension, .internalError,
            .serviceRestart, .tryAgainLater, .badGateway, .tlsHandshake,
        ]
        #expect(named.map(\.rawValue) == Array(1000...1015))
    }
}

@Suite struct CloseHandshakeTests {
    private var handshake = CloseHandshake()
    private let message = WebSocketEvent.message(kind: .text, body: .assembled([]))

    @Test mutating func ourCloseIsAnswered() {
        #expect(handshake.begin(.goingAway, reason: "restart") == CloseFrame(.goingAway, reason: "restart"))
        #expect(handshake.state == .closeSent)
        #expect(handshake.receive(.goingAway) == nil)
        #expect(handshake.state == .closed)
        #expect(handshake.outcome == .goingAway)
    }

    @Test mutating func peersCloseIsEchoed() {
        #expect(handshake.receive(CloseCode(rawValue: 4001)) == CloseFrame(CloseCode(rawValue: 4001)))
        #expect(handshake.state == .closeReceived)
        handshake.replyWritten()
        #expect(handshake.state == .closed)
        #expect(handshake.outcome == CloseCode(rawValue: 4001))
    }

    @Test mutating func closeWithoutACodeIsEchoedWithoutOne() {
        #expect(handshake.receive(nil) == CloseFrame(nil))
        #expect(handshake.outcome == .noStatusReceived)
    }

    @Test mutating func closeGoesOutOnce() {
        _ = handshake.begin(.normalClosure)
        #expect(handshake.begin(.goingAway) == nil)
        #expect(handshake.fail(.invalidUTF8) == nil)
        #expect(handshake.state == .closed)
    }

    @Test mutating func closeIsNotBegunAfterThePeers() {
        _ = handshake.receive(.normalClosure)
        #expect(handshake.begin(.goingAway) == nil)
        #expect(handshake.state == .closeReceived)
    }

    @Test mutating func secondCloseOfThePeerChangesNothing() {
        _ = handshake.receive(.normalClosure)
        #expect(handshake.receive(.goingAway) == nil)
        #expect(handshake.outcome == .normalClosure)
    }

    @Test mutating func faultIsToldAndEndsIt() {
        let fault = WebSocketFault.messageTooBig(limit: 9)
        #expect(handshake.fail(fault) == CloseFrame(.messageTooBig, reason: fault.sentence))
        #expect(handshake.state == .closed)
        #expect(handshake.outcome == .abnormalClosure)
    }

    @Test mutating func transportThatEndsFirstIsAbnormal() {
        handshake.transportEnded()
        #expect(handshake.state == .closed)
        #expect(handshake.outcome == .abnormalClosure)
    }

    @Test mutating func transportThatEndsAfterThePeersCloseIsNot() {
        _ = handshake.receive(.normalClosure)
        handshake.transportEnded()
        #expect(handshake.state == .closed)
        #expect(handshake.outcome == .normalClosure)
    }

    @Test mutating func replyIsWrittenOnlyWhenOneIsDue() {
        handshake.replyWritten()
        #expect(handshake.state == .open)
        _ = handshake.begin(.normalClosure)
        handshake.replyWritten()
        #expect(handshake.state == .closeSent)
    }

    @Test mutating func onlyACloseCountsAfterOurs() {
        #expect(handshake.heeds(message) && handshake.heeds(.ping([])))
        #expect(handshake.maySend)
        _ = handshake.begin(.normalClosure)
        #expect(!handshake.heeds(message) && !handshake.heeds(.ping([])))
        #expect(handshake.heeds(.close(nil, reason: "")))
        #expect(!handshake.maySend)
    }

    @Test mutating func nothingCountsAfterThePeersClose() {
        _ = handshake.receive(.normalClosure)
        #expect(!handshake.heeds(message) && !handshake.heeds(.close(nil, reason: "")))
        #expect(!handshake.maySend)
    }
}
