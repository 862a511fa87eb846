import EventLoops
import HTTPServing
import HTTPWire
import Testing

extension ServingTests {
    @Suite struct StreamingTests {
        private let request = "GET / HTTP/1.1\r\nHost: here\r\n\r\n"

        @Test func streamedBodyComesInChunksAndTheConnectionStays() async throws {
            let under = try ServerUnderTest { router in
                router.on(.get, "/") { _ in
                    Response(
                        .ok,
                        body: .stream { writer in
                            for word in ["one ", "", "two ", "three"] { try await writer.write(word) }
                        })
                }
            }
            let peer = under.peer()
            for _ in 0..<2 {
                await peer.send(request)
                let reply = await peer.reply()
                #expect(reply.field("transfer-encoding") == "chunked")
                #expect(reply.body == "one two three")
            }
            await peer.send("GET / HTTP/1.0\r\n\r\n")
            let old = await peer.receiveToEnd()
            #expect(old.hasSuffix("\r\n\r\none two three"))
            #expect(!old.contains("chunked"))
            await under.stop()
        }

        @Test func slowReaderHoldsTheWriterAndNoMemory() async throws {
            var limits = ServingLimits()
            limits.outputBytes = 256 << 10
            let (piece, pieces) = (64 << 10, 512)
            let written = Journal<Int>()
            let under = try ServerUnderTest(limits: limits) { router in
                router.on(.get, "/") { _ in
                    Response(
                        .ok,
                        body: .stream { writer in
                            for number in 0..<pieces {
                                try await writer.write([UInt8](repeating: UInt8(number & 255), count: piece))
                                written.add(number)
                            }
                        })
                }
            }
            let peer = under.peer(isDeaf: true)
            await peer.send("GET / HTTP/1.0\r\n\r\n")
            // Both kernels' buffers take some megabytes; the writer has come to rest when two looks say the same.
            _ = await written.entries(atLeast: 4)
            var before = -1
            while written.entries.count != before {
                before = written.entries.count
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(before < pieces / 2)
            let taken = under.server.counters.bytesOut
            #expect(taken <= (before + 1) * piece + 1024)
            await peer.listen()
            let all = await peer.receive { _ in nil }
            #expect(all.count - (Peer.endOfHead(all) ?? 0) == piece * pieces)
            #expect(written.entries.count == pieces)
            await under.stop()
        }

        @Test func leavingPeerEndsTheStream() async throws {
            let fault = Promise<StreamFault>()
            let under = try ServerUnderTest { router in
                router.on(.get, "/") { _ in
                    Response(
                        .ok,
                        body: .stream { writer in
                            do throws(StreamFault) {
                                while true { try await writer.write("tick\n") }
                            } catch {
                                fault.keep(error)
                                throw error
                            }
                        })
                }
            }
            let peer = under.peer()
            await peer.send(request)
            _ = await peer.receive(1000)
            await peer.hangUp()
            #expect(await fault.value == .peerGone)
            await under.stop()
            #expect(under.log.entries.isEmpty)
        }

        @Test func failingStreamIsCutOff() async throws {
            struct Trouble: Error {}
            let under = try ServerUnderTest { router in
                router.on(.get, "/") { _ in
                    Response(
                        .ok,
                        body: .stream { writer in
                            try await writer.write("half")
                            throw Trouble()
                        })
                }
            }
            let peer = under.peer()
            await peer.send(request)
            #expect(!(await peer.receiveToEnd().hasSuffix("0\r\n\r\n")))
            #expect(peer.end == .reset)
            #expect(await under.log.entries(atLeast: 1) == ["A streamed response failed."])
            await under.stop()
        }

        @Test func keptWriterWritesIntoNoOtherResponse() async throws {
            let kept = Promise<ResponseWriter>()
            let under = try ServerUnderTest { router in
                router.on(.get, "/") { _ in Response(.ok, body: .stream { writer in kept.keep(writer) }) }
                router.on(.get, "/then") { _ in
                    Response(
                        .ok,
                        body: .stream { writer in
                            await #expect(throws: StreamFault.responseOver) { try await kept.value.write("strange") }
                            try await writer.write("own")
                        })
                }
            }
            let peer = under.peer()
            await peer.send(request)
            #expect(await peer.reply().body == "")
            await peer.send("GET /then HTTP/1.1\r\nHost: here\r\n\r\n")
            #expect(await peer.reply().body == "own")
            await under.stop()
        }
    }
}
