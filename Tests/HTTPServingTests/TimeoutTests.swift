import HTTPServing
import HTTPWire
import Testing

extension ServingTests {
    @Suite struct TimeoutTests {
        private var hasty: ServingLimits {
            var limits = ServingLimits()
            limits.headTimeout = .milliseconds(30)
            limits.bodyTimeout = .milliseconds(30)
            limits.keepAliveIdle = .milliseconds(30)
            return limits
        }

        private func routes(_ router: inout Router) {
            router.on(.get, "/") { _ in .text("hello") }
            router.on(.post, "/") { _ in .empty(.noContent) }
        }

        @Test func slowHeadIsRefused() async throws {
            let under = try ServerUnderTest(limits: hasty, routes)
            let peer = under.peer()
            await peer.send("GET / HTTP/1.1\r\nHost: he")
            let reply = await peer.receiveToEnd()
            #expect(reply.hasPrefix("HTTP/1.1 408 "))
            #expect(reply.contains("Connection: close"))
            await under.stop()
        }

        @Test func slowBodyIsRefused() async throws {
            let under = try ServerUnderTest(limits: hasty, routes)
            let peer = under.peer()
            await peer.send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nfour")
            #expect(await peer.receiveToEnd().hasPrefix("HTTP/1.1 408 "))
            await under.stop()
        }

        @Test func idleConnectionIsClosedWithoutAWord() async throws {
            let under = try ServerUnderTest(limits: hasty, routes)
            let silent = under.peer()
            #expect(await silent.receiveToEnd() == "")
            let idle = under.peer()
            await idle.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            #expect(await idle.receiveToEnd().hasSuffix("hello"))
            await under.stop()
        }

        @Test func peerThatReadsNothingIsCutOff() async throws {
            var limits = hasty
            limits.outputBytes = 64 << 10
            let failed = Promise<Bool>()
            let under = try ServerUnderTest(limits: limits) { router in
                router.on(.get, "/") { _ in
                    Response(
                        .ok,
                        body: .stream { writer in
                            do {
                                while true { try await writer.write([UInt8](repeating: 1, count: 1 << 16)) }
                            } catch {
                                failed.keep(true)
                                throw error
                            }
                        })
                }
            }
            let peer = under.peer(isDeaf: true)
            await peer.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            #expect(await failed.value)
            await under.stop()
            #expect(under.log.entries.isEmpty)
        }
    }
}
