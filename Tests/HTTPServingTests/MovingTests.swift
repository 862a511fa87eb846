import EventLoops
import HTTPServing
import HTTPWire
import Synchronization
import Testing
import WebSocketWire

extension ServingTests {
    @Suite struct MovingTests {
        /// Moves on every so many messages, and sends each back from where it is.
        private final class Wanderer: WebSocketHandler {
            let loops: [EventLoop]
            let stride: Int
            let pauses: Bool
            let heard = Journal<Int>()
            let ends = Journal<WebSocketEnd>()
            let moves = Atomic<Int>(0)

            init(_ loops: [EventLoop], every stride: Int, pauses: Bool = false) {
                (self.loops, self.stride, self.pauses) = (loops, stride, pauses)
            }

            func received(text: UnsafeRawBufferPointer, on channel: WebSocketChannel) {
                #expect(channel.loop.isCurrent)
                let number = Int(String(decoding: text, as: UTF8.self)) ?? -1
                heard.add(number)
                channel.send(text: text)
                guard number % stride == 0 else { return }
                if pauses { channel.pauseReading() }
                let old = channel
                let pauses = pauses
                let target = loops[(number / stride) % loops.count]
                channel.move(to: target) { new in
                    #expect(target.isCurrent)
                    #expect(new === old ? new.loop === old.loop : new.loop === target)
                    self.moves.wrappingAdd(1, ordering: .relaxed)
                    if pauses { new.resumeReading() }
                }
                // It leaves after this call, and what is sent until then goes with it.
                channel.send("moving")
            }

            func ended(_ channel: WebSocketChannel, _ end: WebSocketEnd) { ends.add(end) }
        }

        @Test(arguments: [(1, false), (7, false), (7, true), (100, false)])
        func movingLosesAndReordersNothing(_ stride: Int, _ pauses: Bool) async throws {
            let count = 10_000
            let group = try EventLoopGroup.start(count: 2)
            let wanderer = Wanderer(group.loops, every: stride, pauses: pauses)
            let under = try ServerUnderTest(loops: 2) { _ in .accept(wanderer) }
            let peer = try await under.webSocket()
            for start in Swift.stride(from: 0, to: count, by: 50) {
                await peer.send((start..<start + 50).flatMap { Peer.text("\($0)") })
            }
            for number in 0..<count {
                #expect(await peer.frame()?.text == "\(number)")
                if number % stride == 0 { #expect(await peer.frame()?.text == "moving") }
            }
            #expect(wanderer.heard.entries == Array(0..<count))
            #expect(wanderer.moves.load(ordering: .relaxed) == (count + stride - 1) / stride)
            await peer.send(Peer.frame(.close, [0x03, 0xE8]))
            #expect(await wanderer.ends.entries(atLeast: 1) == [.closedByPeer(.normalClosure, reason: "")])
            await under.stop()
            group.stop()
            await group.stopped()
            #expect(wanderer.ends.entries.count == 1)
            #expect(under.server.counters.webSocketsOpen == 0)
            #expect(under.server.counters.connectionsOpen == 0)
        }

        @Test func halfMessageAndUnsentOutputMoveToo() async throws {
            let arrived = Promise<Int>()
            let message = [UInt8](repeating: 66, count: 16 << 20)
            let script = Script(opened: { channel in
                channel.loop.schedule(after: .milliseconds(20)) {
                    channel.send(shared: message)
                    channel.loop.schedule(after: .milliseconds(5)) {
                        channel.move(to: channel.loop.other) { arrived.keep($0.pendingBytes) }
                        #expect(!channel.isOpen)
                        #expect(channel.pendingBytes == 0)
                        channel.send("spent")
                    }
                }
            }) { text, channel in channel.send(text) }
            let under = try ServerUnderTest(loops: 2) { _ in .accept(script) }
            EventLoop.pair.withLock { $0 = under.group.loops }
            let peer = try await under.webSocket()
            await peer.stopListening()
            let text = Peer.text("in two halves")
            await peer.send(Array(text[..<9]))
            #expect(await arrived.value > 0)
            await peer.send(Array(text[9...]))
            await peer.listen()
            #expect(await peer.frame()?.payload == message)
            #expect(await peer.frame()?.text == "in two halves")
            await under.stop()
            #expect(script.ends.entries.count == 1)
        }

        @Test func sameLoopIsNoMove() async throws {
            let script = Script { _, channel in
                channel.move(to: channel.loop) {
                    #expect($0 === channel)
                    $0.send("at once")
                }
                channel.send("then")
            }
            let under = try ServerUnderTest { _ in .accept(script) }
            let peer = try await under.webSocket()
            await peer.send(Peer.text("go"))
            #expect(await peer.frame()?.text == "at once")
            #expect(await peer.frame()?.text == "then")
            await under.stop()
        }

        @Test func peerThatDiesOnTheWayEndsOnce() async throws {
            let arrivals = Atomic<Int>(0)
            let scripts = Journal<Script>()
            let under = try ServerUnderTest(loops: 2) { _ in
                let script = Script(opened: { channel in
                    channel.loop.schedule(after: .milliseconds(1)) {
                        channel.move(to: channel.loop.other) { _ in arrivals.wrappingAdd(1, ordering: .relaxed) }
                    }
                })
                scripts.add(script)
                return .accept(script)
            }
            EventLoop.pair.withLock { $0 = under.group.loops }
            for round in 0..<60 {
                let peer = try await under.webSocket()
                if round % 2 == 0 { await peer.loop.run {} }
                await peer.hangUp()
            }
            for script in await scripts.entries(atLeast: 60) { _ = await script.ends.entries(atLeast: 1) }
            await under.stop()
            #expect(scripts.entries.allSatisfy { $0.ends.entries.count == 1 })
        }

        @Test func moveToAStoppedLoopEndsThere() async throws {
            let loop = try EventLoop.start(label: "stopped")
            loop.stop()
            await loop.stopped()
            let arrived = Promise<Bool>()
            let script = Script { _, channel in channel.move(to: loop) { arrived.keep($0.isOpen) } }
            let under = try ServerUnderTest { _ in .accept(script) }
            let peer = try await under.webSocket()
            await peer.send(Peer.text("go"))
            #expect(await arrived.value == false)
            #expect(await script.ends.entries(atLeast: 1) == [.lost(.closedHere)])
            #expect(await peer.receiveToEnd() == "")
            await under.stop()
        }
    }
}

extension EventLoop {
    /// Two loops that move sockets between each other.
    fileprivate static let pair = Mutex<[EventLoop]>([])
    fileprivate var other: EventLoop { Self.pair.withLock { $0.first { $0 !== self } } ?? self }
}
