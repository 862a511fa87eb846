import EventLoops
import Testing

extension KernelTests {
    @Suite struct ClosingTests {
        @Test func closingInsideReceivedEndsBothSidesOnce() async throws {
            let ends = Journal<SocketEnd>()
            let serverEnd = Promise<SocketEnd>()
            let clientEnd = Promise<SocketEnd>()
            let harness = try Harness {
                let script = Script()
                script.whenReceived = { _, socket in
                    socket.closeAfterFlush()
                    socket.closeAfterFlush()
                    socket.write([9])
                }
                script.whenEnded = {
                    ends.add($0)
                    serverEnd.keep($0)
                }
                return script
            }
            _ = try await harness.group.next().connect(to: harness.address) {
                let script = Script()
                script.whenOpened = { $0.write([1]) }
                script.whenReceived = { bytes, _ in Issue.record("\(bytes) was written after the close") }
                script.whenEnded = clientEnd.keep
                return script
            }
            #expect(await serverEnd.value == .closedHere)
            #expect(await clientEnd.value == .peerClosed)
            await harness.stop()
            #expect(ends.entries == [.closedHere])
        }

        @Test func closeAfterFlushSendsAllThatIsPending() async throws {
            let sent = pattern(4 << 20)
            let harness = try Harness {
                let script = Script()
                script.whenReceived = { _, socket in
                    socket.write(shared: sent)
                    socket.closeAfterFlush()
                }
                return script
            }
            let end = Promise<SocketEnd>()
            let returned = Promise<[UInt8]>()
            _ = try await harness.group.next().connect(to: harness.address) {
                let script = Script.collector(sent.count, returned)
                script.whenOpened = { $0.write([1]) }
                script.whenEnded = end.keep
                return script
            }
            #expect(await returned.value == sent)
            #expect(await end.value == .peerClosed)
            await harness.stop()
        }

        @Test func closeAfterFlushGivesUpOnAPeerThatDoesNotRead() async throws {
            let end = Promise<SocketEnd>()
            let harness = try Harness {
                let script = Script()
                script.whenReceived = { _, socket in
                    socket.write(shared: [UInt8](repeating: 0, count: 32 << 20))
                    socket.closeAfterFlush(timeout: .milliseconds(30))
                }
                script.whenEnded = end.keep
                return script
            }
            _ = try await harness.group.next().connect(to: harness.address) {
                let script = Script()
                script.whenOpened = { socket in
                    socket.write([1])
                    socket.pauseReading()
                }
                return script
            }
            #expect(await end.value == .timedOut)
            await harness.stop()
        }

        @Test func abortInsideReceivedResetsThePeer() async throws {
            let serverEnd = Promise<SocketEnd>()
            let clientEnd = Promise<SocketEnd>()
            let harness = try Harness {
                let script = Script()
                script.whenReceived = { _, socket in socket.abort() }
                script.whenEnded = serverEnd.keep
                return script
            }
            _ = try await harness.group.next().connect(to: harness.address) {
                let script = Script()
                script.whenOpened = { $0.write([1]) }
                script.whenEnded = clientEnd.keep
                return script
            }
            #expect(await serverEnd.value == .closedHere)
            #expect(await clientEnd.value == .reset)
            await harness.stop()
        }

        @Test func resetIsNoticedWhilePaused() async throws {
            let paused = Promise<Bool>()
            let end = Promise<SocketEnd>()
            let harness = try Harness {
                let script = Script()
                script.whenReceived = { _, socket in
                    socket.pauseReading()
                    paused.keep(true)
                }
                script.whenEnded = end.keep
                return script
            }
            let client = try await harness.group.next().connect(to: harness.address) {
                let script = Script()
                script.whenOpened = { $0.write([1]) }
                return script
            }
            #expect(await paused.value)
            client.execute { $0.abort() }
            #expect(await end.value == .reset)
            await harness.stop()
        }

        @Test func peerThatHalfClosesStillGetsItsAnswer() async throws {
            let end = Promise<SocketEnd>()
            let answer = pattern(2 << 20)
            let harness = try Harness {
                let script = Script()
                script.whenReceived = { _, socket in socket.write(shared: answer) }
                script.whenEnded = end.keep
                return script
            }
            let client = try BlockingClient(harness.address)
            client.send([1, 2, 3])
            client.finishSending()
            #expect(client.receiveToEnd() == answer)
            #expect(await end.value == .peerClosed)
            await harness.stop()
        }
    }
}
