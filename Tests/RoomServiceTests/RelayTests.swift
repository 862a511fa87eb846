import JSONWire
import RoomCore
import Testing
import WireMessages

@testable import RoomService

@Suite struct RelayTests {
    private func pair(
        _ configure: (inout ServiceSettings) -> Void = { _ in }
    ) async throws -> (service: Service, client: Peer, worker: Peer) {
        let service = try await Service(configure)
        let starter = try await service.starter()
        return (service, try await service.client(starter, "alice"), try await service.worker(starter, "worker-1"))
    }

    @Test func negotiationFramesArePassedOnByteForByte() async throws {
        let (_, client, worker) = try await pair()
        for type in ["offer", "answer", "candidate"] {
            let text = #"{ "sdp":"v=0\r\n\u00e9", "n":1.50,"type":"\#(type)","target":"worker-1", "sender":"alice" }"#
            await client.say(text)
            #expect(worker.channel.texts.last == text)
        }
        await client.say(#"{"type":"offer","sender":"alice","target":"nobody"}"#)
        await client.say(#"{"type":"offer","sender":"alice"}"#)
        #expect(client.channel.types == ["registered_auth"])
    }

    @Test func aPeerMessageIsRebuiltFromItsFourFields() async throws {
        let (_, client, worker) = try await pair()
        await client.say(
            #"{"type":"peer_message","from_peer_id":"alice","to_peer_id":"worker-1","extra":1,"payload":{"a": [1.0,"\n"]}}"#
        )
        #expect(
            worker.channel.texts.last
                == #"{"type":"peer_message","from_peer_id":"alice","to_peer_id":"worker-1","payload":{"a": [1.0,"\n"]}}"#
        )
        #expect(client.channel.types == ["registered_auth"])
    }

    @Test func escapedPeerIdsAreFound() async throws {
        let (_, client, worker) = try await pair()
        let text = #"{"type":"offer","sender":"al\u0069ce","target":"w\u006frker-1"}"#
        await client.say(text)
        #expect(worker.channel.texts.last == text)
        await client.say(
            #"{"type":"peer_message","from_peer_id":"\u0061lice","to_peer_id":"worker\u002d1","payload":1}"#)
        #expect(
            worker.channel.frames.last == [
                "type": "peer_message", "from_peer_id": "alice", "to_peer_id": "worker-1", "payload": 1,
            ])
    }

    @Test func aSecondNameForTheSenderDoesNotHideAForgery() async throws {
        let (_, client, worker) = try await pair()
        for text in [
            #"{"type":"offer","sender":"victim","from_peer_id":"alice","target":"worker-1"}"#,
            #"{"type":"offer","from_peer_id":"alice","s\u0065nder":"victim","target":"worker-1"}"#,
        ] {
            await client.say(text)
            #expect(client.channel.frames.last?["code"] == "FORBIDDEN")
        }
        #expect(worker.channel.types == ["registered_auth"])
    }

    @Test func nobodySpeaksForAnother() async throws {
        let (_, client, worker) = try await pair()
        for text in [
            #"{"type":"offer","sender":"worker-1","target":"worker-1"}"#,
            #"{"type":"offer","target":"worker-1"}"#,
            #"{"type":"peer_message","from_peer_id":"bob","to_peer_id":"worker-1","payload":1}"#,
            #"{"type":"discover_peers","from_peer_id":"worker-1"}"#,
            #"{"type":"update_metadata","peer_id":"worker-1","metadata":{"tags":["x"]}}"#,
        ] {
            let before = client.channel.frames.count
            await client.say(text)
            #expect(client.channel.frames.count == before + 1, "\(text)")
            #expect(client.channel.frames.last?["code"] == "FORBIDDEN", "\(text)")
        }
        #expect(worker.channel.types == ["registered_auth"])
    }

    @Test func aWorkerIsNeverSentAnErrorItDidNotAskFor() async throws {
        let (_, client, worker) = try await pair()
        for text in [
            #"{"type":"offer","sender":"alice","target":"alice"}"#, #"{"type":"job_progress","job_id":"1"}"#,
            #"{"type":"peer_message","from_peer_id":"worker-1","to_peer_id":"nobody","payload":1}"#, "{", "[]",
            #"{"type":"registry_query","command":"list_models"}"#,
        ] {
            await worker.say(text)
        }
        #expect(worker.channel.types == ["registered_auth"])
        #expect(client.channel.types == ["registered_auth"])
        #expect(try await worker.query("nonsense")["code"] == "INVALID_MESSAGE")
    }

    @Test func aMessageToNobodyOrOfNothingIsRefused() async throws {
        let (_, client, worker) = try await pair()
        await client.say(#"{"type":"peer_message","from_peer_id":"alice","to_peer_id":"nobody","payload":1}"#)
        #expect(client.channel.frames.last?["code"] == "PEER_NOT_FOUND")
        #expect(client.channel.frames.last?["message"] == "Target peer nobody not found")
        for payload in ["null", "false", #""""#, "{}", "[]"] {
            await client.say(
                #"{"type":"peer_message","from_peer_id":"alice","to_peer_id":"worker-1","payload":\#(payload)}"#)
            #expect(
                client.channel.frames.last?["message"] == "Missing required fields: from_peer_id, to_peer_id, payload")
        }
        #expect(client.channel.frames(of: "error").count == 6)
        #expect(worker.channel.types == ["registered_auth"])
    }

    @Test func unknownTypesAndTextsThatAreNoObjectAreAnsweredAndNothingCloses() async throws {
        let (_, client, _) = try await pair()
        await client.say(#"{"type":"dance","request_id":"r"}"#)
        #expect(client.channel.frames.last?["code"] == "UNKNOWN_MESSAGE_TYPE")
        #expect(client.channel.frames.last?["message"] == "Unknown message type: dance")
        #expect(client.channel.frames.last?["request_id"] == "r")
        for text in ["[]", #""x""#, "{", "", #"{"a":1,"a":2}"#] {
            await client.say(text)
            #expect(client.channel.frames.last?["code"] == "INVALID_JSON", "\(text)")
        }
        await client.say("{}")
        #expect(client.channel.frames.last?["code"] == "INVALID_MESSAGE")
        #expect(client.channel.closing == nil)
    }

    @Test func aPeerThatDoesNotReadIsClosedAndNobodyElse() async throws {
        let (service, client, worker) = try await pair { $0.outboxBytes = 1000 }
        worker.channel.stall(at: 900)
        let text =
            #"{"type":"peer_message","from_peer_id":"alice","to_peer_id":"worker-1","payload":"\#(String(repeating: "x", count: 200))"}"#
        await client.say(text)
        #expect(worker.channel.closing == .outboxOverflow)
        #expect(client.channel.frames.last?["code"] == "DELIVERY_FAILED")
        #expect(client.channel.closing == nil)
        #expect(service.counters.outboxOverflows.value == 1)
        await client.say(text)
        #expect(client.channel.frames.last?["code"] == "PEER_NOT_FOUND")
        #expect(await client.room.peerCount == 1)
    }

    @Test func discoveryShowsTheOthersThatMatch() async throws {
        let (_, client, worker) = try await pair()
        await client.say(["type": "discover_peers", "from_peer_id": "alice"])
        let found = try #require(client.channel.frames.last)
        #expect(found["to_peer_id"] == "alice" && found["count"] == 1)
        let peer = try #require(found["peers"]?.arrayValue?.first?.objectValue)
        #expect(peer["peer_id"] == "worker-1" && peer["role"] == "worker")
        #expect(peer["connected_at"] == 1_760_000_000.0)
        for (filters, count) in [
            (["role": "worker", "tags": ["other", "sleap-rtc"]], 1), (["tags": ["other"]], 0),
            (["properties": ["status": "available"]], 1), (["properties": ["status": ["$gte": 1]]], 0),
            (["room_id": "whatever"], 1),
        ] as [(JSONObject, JSONValue)] {
            await client.say(["type": "discover_peers", "from_peer_id": "alice", "filters": .object(filters)])
            #expect(client.channel.frames.last?["count"] == count, "\(filters)")
        }
        #expect(worker.channel.types == ["registered_auth"])
    }

    @Test func anUpdateOfMetadataKeepsWhatItDoesNotName() async throws {
        let (_, client, worker) = try await pair()
        await worker.say([
            "type": "update_metadata", "peer_id": "worker-1", "metadata": ["properties": ["status": "busy"]],
        ])
        #expect(
            worker.channel.frames.last == [
                "type": "metadata_updated", "peer_id": "worker-1",
                "metadata": ["tags": ["sleap-rtc"], "properties": ["status": "busy"]],
            ])
        await client.say(["type": "update_metadata", "peer_id": "alice", "metadata": ["tags": ["t"]]])
        #expect(client.channel.frames.last?[path: "metadata", "properties"] == [:])
        await client.say(["type": "update_metadata", "peer_id": "alice", "metadata": [:]])
        #expect(client.channel.frames.last?["message"] == "Missing required fields: peer_id, metadata")
    }
}
