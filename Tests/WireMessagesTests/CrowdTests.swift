import JSONWire
import RoomCore
import Testing
import WireMessages

/// Rooms with more peers than a frame has room for.
@Suite struct CrowdTests {
    /// Peers with metadata of about `bytes`, every tenth a worker.
    private func crowd(_ count: Int, bytes: Int) -> [PeerDescription] {
        (0..<count).map { number in
            PeerDescription(
                peer: PeerID(trusted: "peer-\(number)"), role: number % 10 == 9 ? .worker : .client,
                metadata: PeerMetadata([
                    "tags": ["sleap-rtc"],
                    "properties": [
                        "filler": .string(String(repeating: "x", count: bytes)), "status": "available",
                        "gpu_memory_mb": .integer(number),
                    ],
                ]), connectedAt: Timestamp(seconds: Int64(1_000_000 - number)))
        }
    }

    private func greeting(_ others: [PeerDescription], admin: String? = nil) throws -> (bytes: Int, JSONObject) {
        let frame = SignalingMessage.registered(
            PeerID(trusted: "me"), in: RoomID(trusted: "r"), token: .null, admin: admin.map(PeerID.init(trusted:)),
            others: others, terms: nil)
        return (frame.count, try decoded(frame))
    }

    @Test func aGreetingOfTwelveThousandPeersFitsAFrameAndNamesTheAdminAndWorkersFirst() throws {
        let (bytes, greeting) = try greeting(crowd(12_000, bytes: 1200), admin: "peer-4444")
        #expect(bytes <= WireLimits().messageBytes)
        #expect(greeting["truncated"] == true)
        let listed = greeting["peer_list"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let metadata = greeting["peer_metadata"]?.objectValue ?? [:]
        #expect(Set(listed) == Set(metadata.keys) && listed.count > 1000)
        #expect(listed.first == "peer-4444")
        #expect(listed[1...500].allSatisfy { $0.hasSuffix("9") })
        let worker = metadata["peer-4999"]?.objectValue ?? [:]
        #expect(worker["tags"] == ["sleap-rtc"])
        #expect(worker["properties"] == ["status": "available", "gpu_memory_mb": 4999])
    }

    @Test func aGreetingThatFitsIsWhole() throws {
        let (bytes, greeting) = try greeting(crowd(200, bytes: 4000))
        #expect(bytes <= WireLimits().messageBytes)
        #expect(greeting["truncated"] == nil)
        #expect(greeting["peer_list"]?.arrayValue?.count == 200)
        let filler = greeting["peer_metadata"]?.objectValue?["peer-0"]?.objectValue?["properties"]?.objectValue?[
            "filler"]
        #expect(filler?.stringValue?.count == 4000)
    }

    @Test func metadataIsCutBeforePeersAre() throws {
        let (bytes, greeting) = try greeting(crowd(1000, bytes: 4000))
        #expect(bytes <= WireLimits().messageBytes)
        #expect(greeting["truncated"] == nil)
        #expect(greeting["peer_list"]?.arrayValue?.count == 1000)
    }

    @Test func aListForAClientThatKnowsNoPagesIsCutAndSaysSo() throws {
        let page = try PeerQuery([:]).page(of: crowd(5000, bytes: 4000), bytes: WireLimits().pageBytes)
        let frame = SignalingMessage.peerList(for: PeerID(trusted: "me"), page)
        #expect(frame.count <= WireLimits().messageBytes)
        let list = try decoded(frame)
        #expect(list["truncated"] == true && list["next"] == nil)
        #expect(list["count"]?.intValue == list["peers"]?.arrayValue?.count)
        #expect(list["peers"]?.arrayValue?.first?.objectValue?["peer_id"] == "peer-4999")
    }

    @Test func pagesTogetherHoldEveryPeerOnce() throws {
        let peers = crowd(5000, bytes: 4000)
        var cursor: JSONValue = .null
        var seen: [String] = []
        repeat {
            let query = try PeerQuery(["limit": 5000, "cursor": cursor])
            let frame = SignalingMessage.peerList(
                for: PeerID(trusted: "me"), query.page(of: peers, bytes: WireLimits().pageBytes))
            #expect(frame.count <= WireLimits().messageBytes)
            let list = try decoded(frame)
            seen += list["peers"]?.arrayValue?.compactMap { $0.objectValue?["peer_id"]?.stringValue } ?? []
            cursor = try #require(list["next"])
        } while !cursor.isNull
        #expect(seen.count == 5000 && Set(seen).count == 5000)
    }

    @Test func aLimitIsKept() throws {
        let query = try PeerQuery(["limit": 3, "filters": ["role": "worker"]])
        let page = query.page(of: crowd(100, bytes: 1), bytes: 1 << 20)
        #expect(page.peers.map(\.peer.text) == ["peer-99", "peer-89", "peer-79"] && page.hasMore)
    }

    @Test(
        arguments: [
            ["limit": 0], ["limit": "x"], ["cursor": "w.x.y"], ["cursor": 5], ["cursor": ""],
        ] as [JSONObject])
    func wrongPagesAreFaults(_ query: JSONObject) {
        #expect(throws: FieldFault.self) { try PeerQuery(query) }
    }
}
