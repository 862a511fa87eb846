import JSONWire
import RoomCore
import Testing

@Suite struct PeerTests {
    private let worker = PeerMetadata([
        "tags": ["sleap-rtc", "gpu"],
        "properties": ["status": "available", "gpu_memory_mb": 24576, "worker_name": "gpu-1"],
        "other": 1,
    ])

    @Test func updatesKeepWhatTheyDoNotName() {
        let merged = worker.merging(["properties": ["status": "busy"]])
        #expect(merged.tags == ["sleap-rtc", "gpu"])
        #expect(merged.properties["status"] == "busy")
        #expect(merged.properties["gpu_memory_mb"] == 24576)
        #expect(merged.object["other"] == 1)
        #expect(worker.merging(["tags": ["gpu", "new"]]).tags == ["sleap-rtc", "gpu", "new"])
        #expect(PeerMetadata().withProperties().object == ["properties": [:]])
    }

    @Test func filtersMatchAllGroupsAndAnyTag() {
        func matches(_ filter: JSONObject) -> Bool { PeerFilter(filter).matches(role: .worker, worker) }
        #expect(matches([:]))
        #expect(matches(["role": "worker", "room_id": "ignored"]))
        #expect(!matches(["role": "client"]))
        #expect(matches(["tags": ["x", "gpu"]]))
        #expect(!matches(["tags": ["x"]]))
        #expect(matches(["properties": ["status": "available"]]))
        #expect(matches(["properties": ["gpu_memory_mb": ["$gte": 24576, "$lte": 30000]]]))
        #expect(!matches(["properties": ["gpu_memory_mb": ["$gte": 30000]]]))
        #expect(!matches(["properties": ["missing": ["$gte": 1]]]))
    }

    @Test func otherTypesNeverMatch() {
        func matches(_ filter: JSONObject) -> Bool { PeerFilter(filter).matches(role: .worker, worker) }
        #expect(!matches(["properties": ["status": ["$gte": 5]]]))
        #expect(!matches(["properties": ["gpu_memory_mb": "24576"]]))
        #expect(!matches(["properties": ["gpu_memory_mb": ["$near": 1]]]))
        #expect(matches(["role": 5, "tags": "gpu", "properties": []]))
    }
}
