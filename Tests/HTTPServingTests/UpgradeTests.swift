import HTTPServing
import HTTPWire
import Testing

extension ServingTests {
    @Suite struct UpgradeTests {
        private func echo() throws -> ServerUnderTest {
            var router = Router()
            router.on(.get, "/plain") { _ in .text("plain") }
            return try ServerUnderTest(router: router) { head in
                if head.path == ["refused"] { return .refuse(.error(.forbidden, "Not here.")) }
                return .accept(Echo(), subprotocol: head.fields.contains("sec-websocket-protocol") ? "b" : nil)
            }
        }

        @Test func acceptedHandshakeIsAnsweredByItsKey() async throws {
            let under = try echo()
            let peer = under.peer()
            await peer.send(Peer.handshake.replacing("\r\n\r\n", "\r\nSec-WebSocket-Protocol: a, b\r\n\r\n"))
            let reply = await peer.reply(hasBody: false)
            #expect(reply.status == 101)
            #expect(reply.field("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            #expect(reply.field("upgrade") == "websocket")
            #expect(reply.field("connection") == "Upgrade")
            #expect(reply.field("sec-websocket-protocol") == "b")
            #expect(under.server.counters.webSocketsOpen == 1)
            await under.stop()
        }

        @Test func framesMayComeRightBehindTheHandshake() async throws {
            let under = try echo()
            let peer = under.peer()
            await peer.send(Array(Peer.handshake.utf8) + Peer.text("early") + Peer.text("bird"))
            #expect(await peer.reply(hasBody: false).status == 101)
            #expect(await peer.frame()?.text == "early")
            #expect(await peer.frame()?.text == "bird")
            await under.stop()
        }

        @Test func handshakeMayFollowOtherRequests() async throws {
            let under = try echo()
            let peer = under.peer()
            let get = "GET /plain HTTP/1.1\r\nHost: here\r\n\r\n"
            await peer.send(Array((get + get + Peer.handshake).utf8) + Peer.text("behind"))
            #expect(await peer.reply().body == "plain")
            #expect(await peer.reply().body == "plain")
            #expect(await peer.reply(hasBody: false).status == 101)
            #expect(await peer.frame()?.text == "behind")
            await under.stop()
        }

        @Test(arguments: [
            ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", 426),
            ("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=", 400), ("keep-alive, Upgrade", "keep-alive", 400),
            ("GET", "DELETE", 405), ("HTTP/1.1", "HTTP/1.0", 400), ("/ws", "/refused", 403),
            ("Host: here", "Host: here\r\nContent-Length: 1", 400),
        ]) func badHandshakeIsAnsweredLikeARequest(_ good: String, _ bad: String, _ status: Int) async throws {
            let under = try echo()
            let peer = under.peer()
            let body = bad.hasSuffix("Content-Length: 1") ? "x" : ""
            await peer.send(Peer.handshake.replacing(good, bad) + body)
            let reply = await peer.reply()
            #expect(reply.status == status)
            #expect(reply.body.contains(#""error":"#))
            if status == 426 { #expect(reply.field("sec-websocket-version") == "13") }
            if bad != "HTTP/1.0" {
                await peer.send("GET /plain HTTP/1.1\r\nHost: here\r\n\r\n")
                #expect(await peer.reply().body == "plain")
            }
            #expect(under.server.counters.webSocketsOpen == 0)
            await under.stop()
        }
    }
}

extension String {
    func replacing(_ piece: String, _ other: String) -> String {
        var (text, rest) = ("", self[...])
        while !rest.isEmpty {
            if rest.hasPrefix(piece) {
                text += other
                rest = rest.dropFirst(piece.count)
            } else {
                text.append(rest.removeFirst())
            }
        }
        return text
    }
}
