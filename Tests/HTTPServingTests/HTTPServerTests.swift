import EventLoops
import HTTPServing
import HTTPWire
import Testing

extension ServingTests {
    @Suite struct HTTPServerTests {
        @Test func closingLeavesNoDescriptorBehind() async throws {
            let before = openDescriptors()
            let gate = Promise<Bool>()
            var router = Router()
            router.on(.get, "/slow") { _ in
                _ = await gate.value
                return .empty(.noContent)
            }
            let echo = Echo()
            var under: ServerUnderTest? = try ServerUnderTest(loops: 2, router: router) { _ in .accept(echo) }
            var peers: [Peer] = []
            for _ in 0..<10 {
                guard let under else { break }
                peers.append(try await under.webSocket())
                let waiting = under.peer()
                await waiting.send("GET /slow HTTP/1.1\r\nHost: here\r\n\r\n")
                let idle = under.peer()
                await idle.send("GET /none HTTP/1.1\r\nHost: here\r\n\r\n")
                #expect(await idle.reply().status == 404)
                peers += [waiting, idle]
            }
            #expect(under?.server.counters.connectionsOpen ?? 0 >= 20)
            under?.server.close()
            for peer in peers { _ = await peer.receiveToEnd() }
            #expect(await echo.ends.entries(atLeast: 10).allSatisfy { $0 == .lost(.closedHere) })
            gate.keep(true)
            await under?.stop()
            #expect(under?.server.counters.connectionsOpen == 0)
            #expect(under?.server.counters.webSocketsOpen == 0)
            #expect(echo.ends.entries.count == 10)
            (under, peers) = (nil, [])
            // A waker closes with its loop, which a handler's late task may still hold for a moment.
            while openDescriptors().subtracting(before).count > 0 { await Task.yield() }
        }

        @Test func portIsFreeWhenTheServerIsClosed() async throws {
            let group = try EventLoopGroup.start(count: 1)
            let under = try ServerUnderTest { _ in .accept(Echo()) }
            let limits = ConnectionLimits(total: 10, perAddress: 10)
            let second = try ServerUnderTest { _ in .accept(Echo()) }
            #expect(throws: LoopFault.addressInUse(under.address)) {
                _ = try second.server.start(
                    on: group, addresses: [SocketAddress("127.0.0.1:0"), under.address], connectionLimits: limits)
            }
            under.server.close()
            #expect(
                try second.server.start(on: group, addresses: [under.address], connectionLimits: limits)
                    == [under.address])
            await under.stop()
            await second.stop()
            group.stop()
            await group.stopped()
        }

        @Test func countersTellWhatHappened() async throws {
            let under = try ServerUnderTest(loops: 2) { _ in .accept(Echo()) }
            let peer = try await under.webSocket()
            let before = under.server.counters.bytesOut
            await peer.send(Peer.text("one") + Peer.text("two"))
            _ = await peer.frame()
            _ = await peer.frame()
            let counters = under.server.counters
            #expect((counters.framesIn, counters.framesOut) == (2, 2))
            #expect(counters.bytesOut - before == 10)
            #expect((counters.requests, counters.connectionsAccepted) == (1, 1))
            #expect((counters.webSocketsOpen, counters.connectionsOpen) == (1, 1))
            await under.stop()
        }
    }
}
