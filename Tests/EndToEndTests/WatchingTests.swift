import EventLoops
import Foundation
import JSONWire
import RoomClient
import Testing

/// Watchers see every change once and in order, whatever happens to the server.
@Suite struct WatchingTests {
    @Test func aWatchGoesOnOverKillsWithoutGapOrRepeat() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        try await withLoops { group in
            let watcher = try server.session(starter, peer: "watcher", on: group.next())
            let publisher = try server.session(starter, peer: "publisher", on: group.next())
            let events = try await watcher.watch()
            let seen = Task {
                var revisions: [Int] = []
                for try await event in events {
                    guard case .change(_, let position) = event else { continue }
                    revisions.append(position.revision)
                    if position.revision == 300 { break }
                }
                return revisions
            }
            _ = try await watcher.query("list_models")
            for number in 0..<300 {
                _ = try await publisher.publish(["id": .string(String(format: "%08x", number)), "name": "m"])
                if number % 100 == 50 {
                    server.kill()
                    try server.start()
                }
            }
            // A snapshot may stand for the first changes, when one was made before the watch began.
            let revisions = try await seen.value
            let first = try #require(revisions.first)
            #expect(revisions == Array(first...300))
            #expect(first <= 2)
            await watcher.close()
            await publisher.close()
        }
    }

    @Test func aPeerThatDoesNotReadIsClosedAndTheOthersGoOn() async throws {
        let server = BuiltServer(environment: ["SLEAP_ROOMS_OUTBOX_BYTES": "262144"])
        let starter = try server.bootstrap()
        try server.start()
        try await withLoops { group in
            let deaf = try DeafPeer(server, starter, peer: "deaf")
            let sender = try await RoomConnection.open(
                try server.settings(.jwt(starter.jwt, room: starter.room_id), peer: "sender"), on: group.next())
            let payload = JSONValue.string(String(repeating: "x", count: 100_000))
            for _ in 0..<200 {
                await sender.send([
                    "type": "peer_message", "from_peer_id": "sender", "to_peer_id": "deaf", "payload": payload,
                ])
            }
            let reply = try await sender.request("registry_query", ["command": "list_models"])
            #expect(reply["count"]?.intValue == 0)
            try await eventually("the overflow") {
                let metrics = try await Self.metrics(server)
                return metrics.contains("sleap_rooms_outbox_overflows_total 1\n")
            }
            #expect(await sender.end == nil)
            deaf.close()
        }
    }

    private static func metrics(_ server: BuiltServer) async throws -> String {
        try Command.run("/usr/bin/env", ["curl", "-s", "-m", "5", server.http + "/metrics"]).output
    }
}

/// A peer that registers and then never reads again.
private final class DeafPeer {
    private let descriptor: Int32

    init(_ server: BuiltServer, _ starter: BuiltServer.Starter, peer: String) throws {
        descriptor = Loopback.socket()
        let port = try #require(UInt16(server.address.split(separator: ":").last ?? ""))
        let connected = Loopback.at(port) { connect(descriptor, $0, $1) }
        try #require(connected == 0)
        write(
            Array(
                """
                GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
                """.utf8))
        let register = JSONValue.object([
            "type": "register", "peer_id": .string(peer), "room_id": .string(starter.room_id),
            "jwt": .string(starter.jwt),
        ]).encoded()
        // Masked with zeros, which leaves the bytes as they are.
        write([0x81, 0xFE, UInt8(register.count >> 8), UInt8(register.count & 0xFF), 0, 0, 0, 0] + register)
        try waitForGreeting()
    }

    private func write(_ bytes: [UInt8]) { _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    private func waitForGreeting() throws {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !text.contains("registered_auth") {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            try #require(count > 0, "not greeted: \(text)")
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    func close() { Glibc.close(descriptor) }
}
