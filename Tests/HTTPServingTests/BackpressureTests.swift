import EventLoops
import HTTPServing
import HTTPWire
import Testing
import WebSocketWire

extension ServingTests {
    @Suite struct BackpressureTests {
        @Test func pauseStopsDeliveryRightAfterTheMessage() async throws {
            let heard = Journal<String>()
            let channels = Journal<WebSocketChannel>()
            let script = Script(opened: channels.add) { text, channel in
                heard.add(text)
                if text != "4" { channel.pauseReading() }
            }
            let under = try ServerUnderTest { _ in .accept(script) }
            let peer = try await under.webSocket()
            let channel = try #require(await channels.entries(atLeast: 1).first)
            // One packet, and the last frame only half in it.
            let last = Peer.text("5")
            await peer.send(["1", "2", "3", "4"].flatMap(Peer.text) + last[..<3])
            for number in 1...3 {
                #expect(await heard.entries(atLeast: number).count == number)
                // What is still to come has had its turns to come too early.
                for _ in 0..<3 { await channel.loop.run {} }
                #expect(heard.entries.count == number)
                await channel.loop.run { channel.resumeReading() }
            }
            #expect(await heard.entries(atLeast: 4) == ["1", "2", "3", "4"])
            await peer.send(Array(last[3...]))
            #expect(await heard.entries(atLeast: 5) == ["1", "2", "3", "4", "5"])
            await under.stop()
        }

        @Test func pausedConnectionKeepsNoMoreThanOneRead() async throws {
            let channels = Journal<WebSocketChannel>()
            let heard = Journal<Int>()
            let script = Script(opened: channels.add) { text, channel in
                heard.add(text.utf8.count)
                if heard.entries.count == 1 { channel.pauseReading() }
            }
            let under = try ServerUnderTest { _ in .accept(script) }
            let peer = try await under.webSocket()
            let channel = try #require(await channels.entries(atLeast: 1).first)
            let before = under.server.counters.bytesIn
            let message = Peer.frame(.text, [UInt8](repeating: 65, count: 10_000))
            for _ in 0..<500 { await peer.send(message) }
            _ = await heard.entries(atLeast: 1)
            for _ in 0..<20 { await channel.loop.run {} }
            #expect(heard.entries.count == 1)
            #expect(under.server.counters.bytesIn - before <= 2 * 65_536)
            await channel.loop.run { channel.resumeReading() }
            #expect(await heard.entries(atLeast: 500).allSatisfy { $0 == 10_000 })
            await under.stop()
        }

        @Test func pauseAndResumeInOneCallChangeNothing() async throws {
            let script = Script { text, channel in
                channel.pauseReading()
                channel.send(text)
                channel.resumeReading()
            }
            let under = try ServerUnderTest { _ in .accept(script) }
            let peer = try await under.webSocket()
            await peer.send((0..<100).flatMap { Peer.text("\($0)") })
            for number in 0..<100 { #expect(await peer.frame()?.text == "\(number)") }
            await peer.send(Peer.text("more"))
            #expect(await peer.frame()?.text == "more")
            await under.stop()
        }

        @Test func slowReaderShowsInPendingBytesAndDrains() async throws {
            let channels = Journal<WebSocketChannel>()
            let drained = Promise<Int>()
            let message = [UInt8](repeating: 66, count: 1 << 20)
            let script = Script(
                opened: { channel in
                    channels.add(channel)
                    channel.lowWater = 100_000
                },
                drained: { drained.keep($0.pendingBytes) },
                text: { _, channel in for _ in 0..<16 { channel.send(shared: message) } })
            let under = try ServerUnderTest { _ in .accept(script) }
            let peer = under.peer()
            await peer.send(Peer.handshake)
            #expect(await peer.reply(hasBody: false).status == 101)
            await peer.stopListening()
            await peer.send(Peer.text("go"))
            let channel = try #require(await channels.entries(atLeast: 1).first)
            var pending = 0
            while pending == 0 { pending = await channel.loop.run { channel.pendingBytes } }
            #expect(pending > 100_000)
            #expect(!drained.isKept)
            await peer.listen()
            #expect(await drained.value <= 100_000)
            for _ in 0..<16 { #expect(await peer.frame()?.payload == message) }
            await under.stop()
        }

        @Test func sharedMessageReachesEveryone() async throws {
            let channels = Journal<WebSocketChannel>()
            let under = try ServerUnderTest(loops: 2) { _ in .accept(Script(opened: channels.add)) }
            var peers: [Peer] = []
            for _ in 0..<8 { peers.append(try await under.webSocket()) }
            for message in [[UInt8]("short".utf8), [UInt8](repeating: 67, count: 200_000)] {
                for channel in await channels.entries(atLeast: 8) {
                    await channel.loop.run { channel.send(shared: message) }
                }
                for peer in peers { #expect(await peer.frame() == Frame(opcode: .text, payload: message)) }
            }
            await under.stop()
        }

        @Test func pingsOfAPeerThatReadsNothingFillNoMemory() async throws {
            let channels = Journal<WebSocketChannel>()
            let heard = Promise<Bool>()
            let message = [UInt8](repeating: 66, count: 8 << 20)
            let script = Script(opened: channels.add) { text, channel in
                text == "go" ? channel.send(shared: message) : heard.keep(true)
            }
            let under = try ServerUnderTest { _ in .accept(script) }
            let peer = try await under.webSocket()
            let channel = try #require(await channels.entries(atLeast: 1).first)
            await peer.stopListening()
            await peer.send(Peer.text("go"))
            var pending = 0
            while pending == 0 { pending = await channel.loop.run { channel.pendingBytes } }
            let ping = Peer.frame(.ping, [UInt8](repeating: 1, count: 125))
            await peer.send((0..<1000).flatMap { _ in ping } + Peer.text("end"))
            #expect(await heard.value)
            #expect(await channel.loop.run { channel.pendingBytes } <= pending)
            await under.stop()
        }
    }
}
