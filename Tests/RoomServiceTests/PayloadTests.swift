import JSONWire
import Testing
import WireMessages

@testable import RoomService

@Suite struct PayloadTests {
    private func pair() async throws -> (client: Peer, worker: Peer) {
        let service = try await Service()
        let starter = try await service.starter()
        return (try await service.client(starter), try await service.worker(starter))
    }

    private func message(_ payload: String, _ more: String = "") -> String {
        #"{"type":"peer_message","from_peer_id":"alice","to_peer_id":"worker-1","payload":\#(payload)\#(more)}"#
    }

    @Test func whatTheClientsLanguageTakesForNothingIsNoPayload() async throws {
        let (client, worker) = try await pair()
        for payload in ["null", "false", "0", "-0", "0.0", "0e5", "\"\"", "{}", "{ \n}", "[]", "[\t]"] {
            await client.say(message(payload))
            #expect(client.channel.frames.last?["code"] == "INVALID_MESSAGE", "\(payload)")
        }
        #expect(worker.channel.types == ["registered_auth"])
    }

    @Test func anythingElseArrivesByteForByte() async throws {
        let (client, worker) = try await pair()
        for payload in ["true", "1", "-0.5", "\" \"", "{ \"a\":null}", "[ 0 ]", "\"\\u0061\""] {
            await client.say(message(payload))
            #expect(worker.channel.texts.last?.contains(#""payload":\#(payload)}"#) == true, "\(payload)")
        }
        #expect(client.channel.frames(of: "error").isEmpty)
    }

    @Test func aFifthFieldDoesNotPassHoweverItsNameIsWritten() async throws {
        let (client, worker) = try await pair()
        for more in [#","x":1"#, #","\u0078":1"#, #","request_id":"r""#, #","reques\u0074_id":"r""#] {
            await client.say(message("1", more))
            #expect(
                worker.channel.frames.last == [
                    "type": "peer_message", "from_peer_id": "alice", "to_peer_id": "worker-1", "payload": 1,
                ], "\(more)")
        }
        #expect(worker.channel.frames(of: "peer_message").count == 4)
    }
}
