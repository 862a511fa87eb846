import EventLoops
import Glibc
import Testing

extension KernelTests {
    @Suite struct StreamSocketTests {
        @Test func echoOfAMegabyteInOddPiecesReturnsEveryByte() async throws {
            let harness = try Harness { .echo() }
            let sent = pattern(1 << 20)
            let returned = Promise<[UInt8]>()
            let client = try await harness.group.next().connect(to: harness.address) {
                let script = Script.collector(sent.count, returned)
                script.whenOpened = { socket in
                    var (from, length) = (0, 1)
                    while from < sent.count {
                        socket.write(Array(sent[from..<min(from + length, sent.count)]))
                        from += length
                        length = (length * 7 + 3) % 4099 + 1
                    }
                }
                return script
            }
            #expect(await returned.value == sent)
            client.execute { $0.abort() }
            await harness.stop()
        }

        @Test func outputBeyondTheSocketBufferKeepsItsOrderForASlowReader() async throws {
            let shared = pattern(100_000, seed: 7)
            let copied = pattern(3000, seed: 9)
            let sent = (0..<100).flatMap { _ in copied + copied + shared }
            let pending = Promise<Int>()
            let drained = Promise<Int>()
            let harness = try Harness {
                let script = Script()
                script.whenReceived = { _, socket in
                    socket.lowWater = 0
                    for _ in 0..<100 {
                        socket.write(copied)
                        socket.write(copied)
                        socket.write(shared: shared)
                    }
                    socket.loop.schedule(after: .milliseconds(20)) { pending.keep(socket.pendingBytes) }
                }
                script.whenDrained = { drained.keep($0.pendingBytes) }
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
            #expect(await pending.value > 0)
            client.execute { $0.resumeReading() }
            #expect(await returned.value == sent)
            #expect(await drained.value == 0)
            await harness.stop()
        }

        @Test func outputThatFallsToTheMarkWithinOneTurnIsStillDrained() async throws {
            let drained = Promise<Int>()
            let harness = try Harness {
                let script = Script()
                script.whenReceived = { _, socket in socket.write([UInt8](repeating: 1, count: 20_000)) }
                script.whenDrained = { drained.keep($0.pendingBytes) }
                return script
            }
            _ = try await harness.group.next().connect(to: harness.address) {
                let script = Script()
                script.whenOpened = { $0.write([1]) }
                return script
            }
            #expect(await drained.value == 0)
            await harness.stop()
        }

        @Test func pausedSocketReceivesNothingUntilResumed() async throws {
            let heard = Journal<[UInt8]>()
            let paused = Promise<LoopBound<StreamSocket>>()
            let second = Promise<[UInt8]>()
            let harness = try Harness {
                let script = Script()
                script.whenReceived = { bytes, socket in
                    if heard.add(bytes) == 1 {
                        socket.pauseReading()
                        paused.keep(LoopBound(socket, on: socket.loop))
                    } else {
                        second.keep(bytes)
                    }
                }
                return script
            }
            let client = try await harness.group.next().connect(to: harness.address) {
                let script = Script()
                script.whenOpened = { $0.write([1]) }
                return script
            }
            let server = await paused.value
            client.execute { $0.write([2, 3]) }
            // The bytes have reached the kernel's queue once the sender has nothing pending; a timer later the loop
            // has had its chance to deliver them.
            let waited = Promise<Int>()
            server.execute { socket in
                socket.loop.schedule(after: .milliseconds(20)) { waited.keep(heard.entries.count) }
            }
            #expect(await waited.value == 1)
            server.execute { $0.resumeReading() }
            #expect(await second.value == [2, 3])
            await harness.stop()
        }

        @Test func connectingToAClosedPortEndsWithTheError() async throws {
            let harness = try Harness { .echo() }
            harness.listener.close()
            let end = Promise<SocketEnd>()
            _ = try await harness.group.next().connect(to: harness.address) {
                let script = Script()
                script.whenOpened = { _ in Issue.record("There is nobody to connect to.") }
                script.whenEnded = end.keep
                return script
            }
            #expect(await end.value == .error(ECONNREFUSED))
            await harness.stop()
        }

        @Test func whatIsWrittenWhileConnectingIsSent() async throws {
            let harness = try Harness { .echo() }
            let returned = Promise<[UInt8]>()
            let loop = harness.group.next()
            let address = harness.address
            try await loop.run {
                let socket = try StreamSocket.connect(
                    to: address, on: loop, handler: Script.collector(3, returned))
                socket.write([1, 2, 3])
            }
            #expect(await returned.value == [1, 2, 3])
            await harness.stop()
        }
    }
}
