import HTTPServing
import HTTPWire
import Testing

extension ServingTests {
    @Suite struct HTTPConnectionTests {
        private func get(_ path: String, _ fields: String = "") -> String {
            "GET \(path) HTTP/1.1\r\nHost: here\r\n\(fields)\r\n"
        }

        private func post(_ path: String, _ body: String) -> String {
            "POST \(path) HTTP/1.1\r\nHost: here\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }

        private func echoing(_ router: inout Router) {
            router.on(.get, "/say/:word") { .text($0.parameters["word"] ?? "") }
            router.on(.post, "/echo") { Response(.ok, type: "text/plain", $0.body) }
        }

        @Test func connectionStaysForTheNextRequest() async throws {
            let under = try ServerUnderTest(echoing)
            let peer = under.peer()
            for word in ["one", "two"] {
                await peer.send(get("/say/\(word)"))
                let reply = await peer.reply()
                #expect(reply.body == word)
                #expect(reply.field("date") == "Sun, 06 Nov 1994 08:49:37 GMT")
                #expect(reply.field("connection") == nil)
            }
            #expect(under.server.counters.connectionsAccepted == 1)
            #expect(under.server.counters.requests == 2)
            await under.stop()
        }

        @Test func connectionClosesWhenThePeerWantsIt() async throws {
            let under = try ServerUnderTest(echoing)
            let modern = under.peer()
            await modern.send(get("/say/bye", "Connection: close\r\n"))
            #expect(await modern.receiveToEnd().hasSuffix("Connection: close\r\n\r\nbye"))
            let old = under.peer()
            await old.send("GET /say/old HTTP/1.0\r\n\r\n")
            #expect(await old.receiveToEnd().hasSuffix("old"))
            let kept = under.peer()
            for _ in 0..<2 {
                await kept.send("GET /say/old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(await kept.reply().field("connection") == "keep-alive")
            }
            await under.stop()
        }

        @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
            let gate = Promise<Bool>()
            let under = try ServerUnderTest { router in
                router.on(.get, "/:number") { request in
                    if request.parameters["number"] == "0" { _ = await gate.value }
                    return .text(request.parameters["number"] ?? "")
                }
                router.on(.post, "/last") { request in
                    .text("last " + String(decoding: request.body, as: UTF8.self))
                }
            }
            let peer = under.peer()
            await peer.send((0..<200).map { get("/\($0)") }.joined() + post("/last", "body"))
            gate.keep(true)
            for number in 0..<200 { #expect(await peer.reply().body == "\(number)") }
            #expect(await peer.reply().body == "last body")
            await under.stop()
        }

        @Test func inputBeyondTheBoundWaitsForTheHandler() async throws {
            let gate = Promise<Bool>()
            var limits = ServingLimits()
            limits.pipelineBytes = 1024
            let under = try ServerUnderTest(limits: limits) { router in
                router.on(.get, "/slow") { _ in
                    _ = await gate.value
                    return .empty(.noContent)
                }
                self.echoing(&router)
            }
            let peer = under.peer()
            let bodies = (0..<64).map { String(repeating: "\($0 % 10)", count: 100_000) }
            await peer.send(get("/slow"))
            for body in bodies { await peer.send(post("/echo", body)) }
            while under.server.counters.bytesIn < 1024 { await Task.yield() }
            // Turns enough to read all of it, if it were read.
            for _ in 0..<100 {
                await under.clients.run {}
                await under.group.loop(at: 0).run {}
            }
            #expect(under.server.counters.bytesIn < 1 << 20)
            gate.keep(true)
            #expect(await peer.reply().status == 204)
            for body in bodies { #expect(await peer.reply().body == body) }
            await under.stop()
        }

        @Test func bodyMayComeInAnyPieces() async throws {
            let under = try ServerUnderTest(echoing)
            let peer = under.peer()
            let head = "POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
            for piece in Array((head + "5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\n\r\n").utf8) {
                await peer.send([piece])
            }
            #expect(await peer.reply().body == "hello, world")
            await under.stop()
        }

        @Test func headIsAnsweredLikeGetWithoutItsBody() async throws {
            let under = try ServerUnderTest(echoing)
            let peer = under.peer()
            await peer.send("HEAD /say/hello HTTP/1.1\r\nHost: here\r\n\r\n" + get("/say/next"))
            let reply = await peer.reply(hasBody: false)
            #expect(reply.status == 200)
            #expect(reply.field("content-length") == "5")
            #expect(await peer.reply().body == "next")
            await under.stop()
        }

        @Test func continueIsSentWhenTheBodyWillBeRead() async throws {
            let under = try ServerUnderTest(echoing)
            let peer = under.peer()
            let fields = "Host: here\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
            await peer.send("POST /echo HTTP/1.1\r\n" + fields)
            #expect(await peer.reply(hasBody: false).head == "HTTP/1.1 100 Continue\r\n\r\n")
            await peer.send("body")
            #expect(await peer.reply().body == "body")
            await peer.send("POST /nowhere HTTP/1.1\r\n" + fields)
            let refusal = await peer.receiveToEnd()
            #expect(refusal.hasPrefix("HTTP/1.1 404 "))
            #expect(refusal.contains("Connection: close"))
            await under.stop()
        }

        @Test func unroutedRequestIsReadToItsEndAndAnswered() async throws {
            let under = try ServerUnderTest(echoing)
            let peer = under.peer()
            await peer.send(post("/nowhere", "some body") + get("/echo") + "OPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n")
            let missing = await peer.reply()
            #expect(missing.status == 404)
            #expect(missing.body == #"{"detail":"Not Found","error":"Not Found"}"#)
            let refused = await peer.reply()
            #expect(refused.status == 405)
            #expect(refused.field("allow") == "OPTIONS, POST")
            let options = await peer.reply(hasBody: false)
            #expect(options.status == 204)
            #expect(options.field("allow") == "OPTIONS, POST")
            await under.stop()
        }

        @Test func bodyOverTheLimitIsRefused() async throws {
            var limits = ServingLimits()
            limits.bodyBytes = 10
            let under = try ServerUnderTest(limits: limits, echoing)
            let exact = under.peer()
            await exact.send(post("/echo", "ten bytes."))
            #expect(await exact.reply().status == 200)
            let announced = under.peer()
            await announced.send("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 11\r\n\r\n")
            #expect(await announced.receiveToEnd().hasPrefix("HTTP/1.1 413 "))
            let chunked = under.peer()
            await chunked.send(
                "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsixsix\r\n5\r\nfivef")
            #expect(await chunked.receiveToEnd().hasPrefix("HTTP/1.1 413 "))
            await under.stop()
        }

        @Test func twoLengthsInOneRequestAreRefused() async throws {
            let under = try ServerUnderTest(echoing)
            let peer = under.peer()
            await peer.send(
                "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
                    + get("/say/smuggled"))
            let reply = await peer.receiveToEnd()
            #expect(reply.hasPrefix("HTTP/1.1 400 "))
            #expect(reply.contains("Connection: close"))
            #expect(!reply.contains("smuggled\r\n") && reply.components("HTTP/1.1 ") == 1)
            await under.stop()
        }

        @Test func errorOfAHandlerIsAnsweredWithoutItsDetails() async throws {
            struct Secret: Error {}
            let under = try ServerUnderTest { router in
                router.on(.get, "/") { _ in throw Secret() }
                router.on(.post, "/") { try .json($0.decode([String].self)) }
            }
            let peer = under.peer()
            await peer.send(get("/"))
            let reply = await peer.reply()
            #expect(reply.status == 500)
            #expect(reply.body == #"{"detail":"Internal Server Error","error":"Internal Server Error"}"#)
            #expect(await under.log.entries(atLeast: 1) == ["A request handler failed."])
            await peer.send(post("/", #"["a", 1]"#))
            let mistake = await peer.reply()
            #expect(mistake.status == 400)
            #expect(mistake.body.contains("The member [1] must be a string."))
            await peer.send(post("/", #"["a"]"#))
            #expect(await peer.reply().body == #"["a"]"#)
            #expect(under.log.entries.count == 1)
            await under.stop()
        }

        @Test func leavingPeerCancelsItsHandler() async throws {
            let (begun, cancelled) = (Promise<Bool>(), Promise<Bool>())
            let under = try ServerUnderTest { router in
                router.on(.get, "/") { _ in
                    await withTaskCancellationHandler {
                        begun.keep(true)
                        _ = await cancelled.value
                    } onCancel: {
                        cancelled.keep(true)
                    }
                    return .empty(.noContent)
                }
            }
            let peer = under.peer()
            await peer.send(get("/"))
            _ = await begun.value
            await peer.hangUp()
            #expect(await cancelled.value)
            await under.stop()
        }

        @Test func stoppedServerFinishesWhatItHasAndCloses() async throws {
            let (begun, gate) = (Promise<Bool>(), Promise<Bool>())
            let under = try ServerUnderTest { router in
                router.on(.get, "/") { _ in
                    begun.keep(true)
                    _ = await gate.value
                    return .text("done")
                }
            }
            let peer = under.peer()
            await peer.send(get("/") + get("/"))
            _ = await begun.value
            under.server.stopAccepting()
            gate.keep(true)
            let all = await peer.receiveToEnd()
            #expect(all.hasSuffix("Connection: close\r\n\r\ndone"))
            #expect(all.components("done") == 1)
            await under.stop()
        }
    }
}

extension String {
    /// How often `piece` occurs.
    func components(_ piece: String) -> Int {
        var (count, rest) = (0, self[...])
        while !rest.isEmpty {
            if rest.hasPrefix(piece) { count += 1 }
            rest = rest.dropFirst()
        }
        return count
    }
}
