import EventLoops
import HTTPServing
import HTTPWire
import Testing

extension ServingTests {
    /// Bodies that their handlers read as they come.
    @Suite struct ReceivingTests {
        private static func head(_ length: Int, _ more: String = "") -> String {
            "PUT / HTTP/1.1\r\nHost: here\r\nContent-Length: \(length)\r\n\(more)\r\n"
        }

        /// A server that counts what it is sent.
        private func counting(_ limits: ServingLimits = ServingLimits()) throws -> ServerUnderTest {
            try ServerUnderTest(limits: limits) { router in
                router.onStreamed(.put, "/") { _, body in
                    var count = 0
                    while let bytes = try await body.next() { count += bytes.count }
                    return .text("\(count)")
                }
            }
        }

        @Test func aBodyBeyondTheLimitOfWholeOnesComesThroughAndTheConnectionStays() async throws {
            let under = try counting()
            let peer = under.peer()
            let piece = [UInt8](repeating: 7, count: 1 << 20)
            for _ in 0..<2 {
                await peer.send(Self.head(5 << 20))
                for _ in 0..<5 { await peer.send(piece) }
                #expect(await peer.reply().body == "\(5 << 20)")
            }
            await under.stop()
        }

        @Test func chunkedAndEmptyBodiesEndToo() async throws {
            let under = try counting()
            let peer = under.peer()
            await peer.send("PUT / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            await peer.send("2\r\nde\r\n0\r\n\r\n")
            #expect(await peer.reply().body == "5")
            await peer.send("PUT / HTTP/1.1\r\nHost: here\r\n\r\n")
            #expect(await peer.reply().body == "0")
            await peer.send(Self.head(0))
            #expect(await peer.reply().body == "0")
            await under.stop()
        }

        @Test func whoeverWaitsForLeaveGetsItWhenTheBodyIsWanted() async throws {
            let under = try counting()
            let peer = under.peer()
            await peer.send(Self.head(3, "Expect: 100-continue\r\n"))
            #expect(await peer.reply(hasBody: false).status == 100)
            await peer.send("abc")
            #expect(await peer.reply().body == "3")
            await under.stop()
        }

        @Test func aHandlerThatReadsNothingHoldsThePeerBack() async throws {
            let asked = Promise<Void>()
            let under = try ServerUnderTest { router in
                router.onStreamed(.put, "/") { _, body in
                    _ = await asked.value
                    var count = 0
                    while let bytes = try await body.next() { count += bytes.count }
                    return .text("\(count)")
                }
            }
            let peer = under.peer()
            let total = 64 << 20
            await peer.send(Self.head(total))
            let piece = [UInt8](repeating: 1, count: 1 << 20)
            for _ in 0..<(total / piece.count) { await peer.send(piece) }
            var before = -1
            while under.server.counters.bytesIn != before {
                before = under.server.counters.bytesIn
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(before < total / 2)
            asked.keep(())
            #expect(await peer.reply().body == "\(total)")
            await under.stop()
        }

        @Test func anEarlyAnswerComesAfterALittleRestOfTheBody() async throws {
            let under = try ServerUnderTest { router in
                router.onStreamed(.put, "/") { _, _ in .error(.forbidden, "No.") }
            }
            let peer = under.peer()
            for _ in 0..<2 {
                await peer.send(Self.head(1000))
                await peer.send([UInt8](repeating: 0, count: 1000))
                #expect(await peer.reply().status == 403)
            }
            await peer.send(Self.head(1000, "Expect: 100-continue\r\n"))
            #expect(await peer.reply().status == 403)
            #expect(await peer.receiveToEnd().isEmpty)
            await under.stop()
        }

        @Test func anEarlyAnswerDoesNotWaitForALargeRest() async throws {
            let under = try ServerUnderTest { router in
                router.onStreamed(.put, "/") { _, _ in .error(.forbidden, "No.") }
            }
            let peer = under.peer()
            await peer.send(Self.head(1 << 40))
            for _ in 0..<2 { await peer.send([UInt8](repeating: 0, count: 1 << 20)) }
            #expect(await peer.reply().status == 403)
            await under.stop()
        }

        @Test func aHandlerHearsThatItsPeerIsGone() async throws {
            let heard = Journal<BodyFault>()
            let begun = Promise<Void>()
            let under = try ServerUnderTest { router in
                router.onStreamed(.put, "/") { _, body in
                    do {
                        while try await body.next() != nil { begun.keep(()) }
                    } catch let fault as BodyFault {
                        heard.add(fault)
                    }
                    return .text("late")
                }
            }
            let peer = under.peer()
            await peer.send(Self.head(10))
            await peer.send("abc")
            await begun.value
            await peer.hangUp()
            #expect(await heard.entries(atLeast: 1) == [.peerGone])
            await under.stop()
        }

        @Test func aStreamOfAKnownLengthTellsItAndIsCutOffWhenItIsShort() async throws {
            let under = try ServerUnderTest { router in
                router.on(.get, "/whole") { _ in
                    Response(
                        .ok,
                        body: .sized(6) {
                            try await $0.write("abc"); try await $0.write("def")
                        })
                }
                router.on(.get, "/short") { _ in Response(.ok, body: .sized(6) { try await $0.write("abc") }) }
            }
            let peer = under.peer()
            await peer.send("GET /whole HTTP/1.1\r\nHost: here\r\n\r\n")
            let reply = await peer.reply()
            #expect(reply.body == "abcdef")
            #expect(reply.field("content-length") == "6")
            await peer.send("GET /short HTTP/1.1\r\nHost: here\r\n\r\n")
            #expect(await peer.receiveToEnd().hasSuffix("\r\n\r\nabc"))
            await under.stop()
        }
    }
}
