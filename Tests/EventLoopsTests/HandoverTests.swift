import EventLoops
import Testing

extension KernelTests {
    @Suite struct HandoverTests {
        /// Moves on after every read, and answers each from where it is then.
        private final class Wanderer: StreamSocketHandler {
            private let loops: [EventLoop]
            private let turn: Int
            private let moves: Journal<Int>
            private var hasLeft = false

            init(_ loops: [EventLoop], _ turn: Int, _ moves: Journal<Int>) {
                (self.loops, self.turn, self.moves) = (loops, turn, moves)
            }

            func received(_ bytes: UnsafeMutableRawBufferPointer, from socket: StreamSocket) {
                if hasLeft { Issue.record("Bytes came after the socket was detached.") }
                socket.write(UnsafeRawBufferPointer(bytes))
                guard let detached = socket.detach() else {
                    Issue.record("An open socket can be detached.")
                    return
                }
                hasLeft = true
                let (loops, moves, next) = (loops, moves, turn + 1)
                moves.add(next)
                let target = loops[next % loops.count]
                target.execute {
                    do {
                        _ = try StreamSocket.attach(detached, to: target, handler: Wanderer(loops, next, moves))
                    } catch {
                        Issue.record("The socket found no new home: \(error)")
                    }
                }
            }

            func ended(_ socket: StreamSocket, _ end: SocketEnd) {
                if hasLeft { Issue.record("A detached socket has no end here.") }
            }
        }

        @Test func movingBetweenLoopsInMidStreamLosesNothing() async throws {
            let group = try EventLoopGroup.start(count: 3, tick: .milliseconds(1))
            let moves = Journal<Int>()
            let home = [group.loop(at: 0), group.loop(at: 1)]
            let listener = try Listener.bind(to: SocketAddress("127.0.0.1:0"), on: group, limits: .none) {
                detached, loop in
                _ = try? StreamSocket.attach(detached, to: loop, handler: Wanderer(home, 0, moves))
            }
            let sent = pattern(6 << 20)
            let returned = Promise<[UInt8]>()
            let client = try await group.loop(at: 2).connect(to: listener.boundAddress) {
                let script = Script.collector(sent.count, returned)
                script.whenOpened = { $0.write(sent) }
                return script
            }
            #expect(await returned.value == sent)
            #expect(moves.entries.count > 10)
            client.execute { $0.abort() }
            listener.close()
            group.stop()
            await group.stopped()
        }

        @Test func unsentOutputMovesWithTheSocket() async throws {
            let sent = pattern(8 << 20)
            let travelled = Promise<Int>()
            let harness = try Harness(loops: 2) {
                let script = Script()
                script.whenReceived = { _, socket in
                    socket.write(shared: sent)
                    socket.loop.schedule(after: .milliseconds(5)) {
                        guard let detached = socket.detach() else { return }
                        travelled.keep(detached.pendingBytes)
                        let loop = socket.loop
                        loop.execute { _ = try? StreamSocket.attach(detached, to: loop, handler: Script()) }
                    }
                }
                return script
            }
            let returned = Promise<[UInt8]>()
            let client = try await harness.group.next().connect(to: harness.address) {
                let script = Script.collector(sent.count, returned)
                script.whenOpened = { socket in
                    socket.write([1])
                    socket.pauseReading()
                }
                return script
            }
            #expect(await travelled.value > 0)
            client.execute { $0.resumeReading() }
            #expect(await returned.value == sent)
            await harness.stop()
        }

        @Test func droppedDetachedSocketClosesTheConnection() async throws {
            let harness = try Harness {
                let script = Script()
                script.whenReceived = { _, socket in _ = socket.detach() }
                return script
            }
            let end = Promise<SocketEnd>()
            _ = try await harness.group.next().connect(to: harness.address) {
                let script = Script()
                script.whenOpened = { $0.write([1]) }
                script.whenEnded = end.keep
                return script
            }
            #expect(await end.value == .peerClosed)
            await harness.stop()
        }
    }
}
