import EventLoops
import HTTPServing
import HTTPWire
import Testing
import WebSocketWire

extension ServingTests {
    @Suite struct WebSocketTests {
        private func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(32 + $0 % 90) } }

        @Test func messagesOfAllSizesComeBack() async throws {
            let under = try ServerUnderTest { _ in .accept(Echo()) }
            let peer = try await under.webSocket()
            for size in [0, 1, 125, 126, 127, 1000, 65_535, 65_536, 100_000, 1 << 20] {
                let message = pattern(size)
                await peer.send(frame: .text, message)
                let text = await peer.frame()
                #expect(text?.opcode == .text)
                #expect(text?.payload == message)
                await peer.send(frame: .binary, message)
                #expect(await peer.frame() == Frame(opcode: .binary, payload: message))
            }
            await under.stop()
        }

        @Test func fragmentsComeBackWholeHoweverTheyAreCut() async throws {
            let under = try ServerUnderTest { _ in .accept(Echo()) }
            let peer = try await under.webSocket()
            let message = pattern(3000)
            for cut in [1, 7, 127, 1000] {
                var pieces: [[UInt8]] = []
                for start in stride(from: 0, to: message.count, by: 777) {
                    let end = min(message.count, start + 777)
                    let opcode: Opcode = start == 0 ? .text : .continuation
                    pieces.append(Peer.frame(opcode, Array(message[start..<end]), fin: end == message.count))
                    if end < message.count { pieces.append(Peer.frame(.ping, [UInt8(start / 777)])) }
                }
                let bytes = pieces.flatMap { $0 }
                for start in stride(from: 0, to: bytes.count, by: cut) {
                    await peer.send(Array(bytes[start..<min(bytes.count, start + cut)]))
                    // A turn of the client's loop each: so many writes.
                    if cut < 100, start % 64 == 0 { await peer.loop.run {} }
                }
                for number in 0..<3 { #expect(await peer.frame() == Frame(opcode: .pong, payload: [UInt8(number)])) }
                #expect(await peer.frame() == Frame(opcode: .text, payload: message))
            }
            await under.stop()
        }

        @Test func pingIsAnsweredWithItsPayload() async throws {
            let under = try ServerUnderTest { _ in .accept(Echo()) }
            let peer = try await under.webSocket()
            await peer.send(frame: .ping, Array("are you there".utf8))
            #expect(await peer.frame() == Frame(opcode: .pong, payload: Array("are you there".utf8)))
            await under.stop()
        }

        @Test func closeOfThePeerIsEchoed() async throws {
            let echo = Echo()
            let under = try ServerUnderTest { _ in .accept(echo) }
            let peer = try await under.webSocket()
            await peer.send(frame: .text, Array("last".utf8))
            await peer.send(Peer.frame(.close, [0x0F, 0xA0] + Array("enough".utf8)))
            #expect(await peer.frame()?.text == "last")
            #expect(await peer.frame() == Frame(opcode: .close, payload: [0x0F, 0xA0]))
            #expect(await peer.receiveToEnd() == "")
            #expect(peer.end == .peerClosed)
            #expect(await echo.ends.entries(atLeast: 1) == [.closedByPeer(CloseCode(rawValue: 4000), reason: "enough")])
            await under.stop()
            #expect(echo.ends.entries.count == 1)
        }

        @Test func closeWithoutACodeCountsAs1005() async throws {
            let echo = Echo()
            let under = try ServerUnderTest { _ in .accept(echo) }
            let peer = try await under.webSocket()
            await peer.send(frame: .close)
            #expect(await peer.frame() == Frame(opcode: .close, payload: []))
            #expect(await echo.ends.entries(atLeast: 1) == [.closedByPeer(.noStatusReceived, reason: "")])
            await under.stop()
        }

        @Test func ourCloseWaitsForThePeers() async throws {
            let script = Script { text, channel in
                channel.send("before")
                channel.close(code: 4001, reason: text)
                channel.send("after")
                channel.close(code: 4002)
            }
            let under = try ServerUnderTest { _ in .accept(script) }
            let peer = try await under.webSocket()
            await peer.send(Peer.text("go") + Peer.text("unheard"))
            #expect(await peer.frame()?.text == "before")
            let close = await peer.frame()
            #expect(close?.code == 4001)
            #expect(close?.payload.dropFirst(2).elementsEqual("go".utf8) == true)
            #expect(script.ends.entries.isEmpty)
            await peer.send(Peer.text("unheard too") + Peer.frame(.close, [0x0F, 0xA1]))
            #expect(await script.ends.entries(atLeast: 1) == [.closedHere(CloseCode(rawValue: 4001), answered: true)])
            #expect(await peer.receiveToEnd() == "")
            #expect(peer.end == .peerClosed)
            await under.stop()
            #expect(script.ends.entries.count == 1)
        }

        @Test func unansweredCloseEndsInTime() async throws {
            var limits = ServingLimits()
            limits.closeTimeout = .milliseconds(30)
            let script = Script { _, channel in channel.close(code: 1001) }
            let under = try ServerUnderTest(limits: limits) { _ in .accept(script) }
            let peer = try await under.webSocket()
            await peer.send(Peer.text("go"))
            #expect(await peer.frame()?.code == 1001)
            #expect(
                await script.ends.entries(atLeast: 1) == [.closedHere(CloseCode.goingAway, answered: false)])
            await under.stop()
        }

        @Test func ourCloseIsHeardByThePausedToo() async throws {
            let script = Script { text, channel in
                channel.pauseReading()
                channel.loop.schedule(after: .milliseconds(5)) { channel.close(code: 1001) }
            }
            let under = try ServerUnderTest { _ in .accept(script) }
            let peer = try await under.webSocket()
            await peer.send(Peer.text("go") + Peer.text("kept") + Peer.frame(.close, [0x03, 0xE9]))
            #expect(await script.ends.entries(atLeast: 1) == [.closedHere(CloseCode.goingAway, answered: true)])
            await under.stop()
        }

        @Test func binaryIsRefusedUnlessTheHandlerTakesIt() async throws {
            let script = Script()
            let under = try ServerUnderTest { _ in .accept(script) }
            let peer = try await under.webSocket()
            await peer.send(frame: .binary, [1, 2, 3])
            #expect(await peer.frame()?.code == 1003)
            await under.stop()
        }

        private static let faults: [(bytes: [UInt8], code: UInt16)] = [
            (Peer.frame(.text, [UInt8](repeating: 65, count: 1001)), 1009),
            (
                Peer.frame(.text, [UInt8](repeating: 65, count: 600), fin: false)
                    + Peer.frame(.continuation, [UInt8](repeating: 65, count: 600)), 1009
            ),
            (Peer.frame(.text, [0xC3, 0x28]), 1007),
            ([0x81, 0x01, 0x41], 1002),
            (Peer.frame(.continuation, []), 1002),
            (Peer.frame(.close, [0x03, 0xED]), 1002),
            (Peer.frame(.close, [0x03]), 1002),
            ([0xF1, 0x80, 0, 0, 0, 0], 1002),
        ]

        @Test(arguments: faults) func faultClosesWithItsCode(_ bytes: [UInt8], _ code: UInt16) async throws {
            var limits = ServingLimits()
            limits.webSocketMessageBytes = 1000
            let echo = Echo()
            let under = try ServerUnderTest(limits: limits) { _ in .accept(echo) }
            let peer = try await under.webSocket()
            await peer.send(Peer.text("fine") + bytes + Peer.text("unheard"))
            #expect(await peer.frame()?.text == "fine")
            #expect(await peer.frame()?.code == code)
            #expect(await peer.receiveToEnd() == "")
            guard case .failed(let fault) = await echo.ends.entries(atLeast: 1).first else {
                Issue.record("A fault is the end.")
                return
            }
            #expect(fault.closeCode.rawValue == code)
            await under.stop()
            #expect(echo.ends.entries.count == 1)
        }

        @Test func silentPeerIsGivenUp() async throws {
            var limits = ServingLimits()
            (limits.pingInterval, limits.pongTimeout) = (.milliseconds(20), .milliseconds(20))
            let echo = Echo()
            let under = try ServerUnderTest(limits: limits) { _ in .accept(echo) }
            let peer = try await under.webSocket()
            #expect(await peer.frame() == Frame(opcode: .ping, payload: []))
            #expect(await echo.ends.entries(atLeast: 1) == [.silent])
            _ = await peer.receiveToEnd()
            #expect(peer.end == .reset)
            await under.stop()
        }

        @Test func answeringPeerLivesOn() async throws {
            var limits = ServingLimits()
            (limits.pingInterval, limits.pongTimeout) = (.milliseconds(10), .milliseconds(200))
            let echo = Echo()
            let under = try ServerUnderTest(limits: limits) { _ in .accept(echo) }
            let peer = try await under.webSocket()
            for _ in 0..<8 {
                #expect(await peer.frame()?.opcode == .ping)
                await peer.send(frame: .pong)
            }
            #expect(echo.ends.entries.isEmpty)
            under.server.close()
            #expect(await echo.ends.entries(atLeast: 1) == [.lost(.closedHere)])
            await under.stop()
        }

        @Test func lostConnectionIsTold() async throws {
            let echo = Echo()
            let under = try ServerUnderTest { _ in .accept(echo) }
            let reset = try await under.webSocket()
            await reset.hangUp()
            #expect(await echo.ends.entries(atLeast: 1) == [.lost(.reset)])
            let left = try await under.webSocket()
            await left.finish()
            #expect(await echo.ends.entries(atLeast: 2) == [.lost(.reset), .lost(.peerClosed)])
            await under.stop()
        }
    }
}
