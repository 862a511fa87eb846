import RoomCore
import RoomStorage
import Testing

@testable import RedisStorage
@testable import StorageConformance

@Suite(.serialized, .enabled(if: TestServers.variable("REDIS_CLUSTER") != nil)) struct ClusterTests {
    @Test func aCommandIsSentOnToWhereItsKeyMoved() async throws {
        let rooms = try await TestServers.open("REDIS_CLUSTER")
        let (key, elsewhere) = try keysApart()
        #expect(await ask(rooms, RedisCommand("SET", key, "1", key: elsewhere)) == .success(.bytes(Array("OK".utf8))))
        #expect(await ask(rooms, RedisCommand("GETDEL", key, key: key)) == .success(.bytes([UInt8(ascii: "1")])))
    }

    @Test func aKeyThatIsOnItsWayIsAskedForWhereItGoes() async throws {
        let rooms = try await TestServers.open("REDIS_CLUSTER")
        let (key, elsewhere) = try keysApart()
        let slot = String(SlotMap.slot(of: key))
        let source = try #require(await id(of: key, in: rooms))
        let target = try #require(await id(of: elsewhere, in: rooms))
        let setSlot = ["CLUSTER", "SETSLOT", slot]
        _ = await ask(rooms, command(setSlot + ["IMPORTING", source], along: elsewhere))
        _ = await ask(rooms, command(setSlot + ["MIGRATING", target], along: key))
        let written = await ask(rooms, RedisCommand("SET", key, "1", key: key))
        let read = await ask(rooms, RedisCommand("GETDEL", key, key: key))
        for place in [key, elsewhere] { _ = await ask(rooms, command(setSlot + ["STABLE"], along: place)) }
        #expect(written == .success(.bytes(Array("OK".utf8))))
        #expect(read == .success(.bytes([UInt8(ascii: "1")])))
    }

    @Test func framesAreCountedWhereverTheirServerListens() async throws {
        let rooms = try await TestServers.pair("REDIS_CLUSTER")
        for number in 0..<20 {
            let server = rooms.thereID.text + "-\(number)"
            let (inbox, other) = await rooms.listen(on: rooms.there, as: ServerID(server))
            let frame = RoutedFrame(
                server: ServerID(server), room: rooms.newRoom(), peer: PeerID(trusted: "p"), session: "s", text: [1])
            #expect(await isDelivered(frame, by: rooms.here))
            #expect(await inbox.hears(.frame(frame)))
            other.cancel()
        }
    }

    /// Two keys a third of the slots apart or more.
    private func keysApart() throws -> (String, String) {
        let names = (0..<200).map { "rooms:test:\($0):\(uniqueHex())" }
        let first = try #require(names.first { SlotMap.slot(of: $0) < 5_000 })
        return (first, try #require(names.first { SlotMap.slot(of: $0) > 11_500 }))
    }

    private func id(of key: String, in rooms: RedisLiveRooms) async -> String? {
        guard case .success(.bytes(let id)) = await ask(rooms, command(["CLUSTER", "MYID"], along: key)) else {
            return nil
        }
        return String(decoding: id, as: UTF8.self)
    }

    private func command(_ words: [String], along key: String) -> RedisCommand {
        RedisCommand(words: words.map { Array($0.utf8) }, key: key)
    }

    private enum Outcome: Equatable, Sendable {
        case success(Plain)
        case failure(RedisFault)
    }

    private enum Plain: Equatable, Sendable {
        case bytes([UInt8])
        case other(String)
    }

    private func ask(_ rooms: RedisLiveRooms, _ command: RedisCommand) async -> Outcome {
        await withCheckedContinuation { continuation in
            rooms.engine.submit { engine in
                engine.commands.send(command) { result in
                    let outcome: Outcome =
                        switch result {
                        case .success(.bytes(let bytes)): .success(.bytes(bytes))
                        case .success(let value): .success(.other("\(value)"))
                        case .failure(let fault): .failure(fault)
                        }
                    continuation.resume(returning: outcome)
                }
            }
        }
    }
}
