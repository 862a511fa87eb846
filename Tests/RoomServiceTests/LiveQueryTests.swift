import JSONWire
import RoomCore
import Testing
import WireMessages

@testable import RoomService

@Suite struct LiveQueryTests {
    private func subscribe(_ query: String, _ more: JSONObject = [:]) -> JSONObject {
        JSONObject(dictionaryLiteral: ("type", "registry_subscribe"), ("query", .string(query))).with(more)
    }

    private func told(_ peer: Peer) -> [String] {
        peer.channel.frames(of: "registry_event").map { event in
            let words = [
                event["revision"]?.intValue.map(String.init), event["match"]?.stringValue, event["kind"]?.stringValue,
                event["model_id"]?.stringValue.map { String($0.prefix(1)) },
            ]
            let other = event["other"]?.objectValue
            let lost = [other?["match"]?.stringValue, other?["model_id"]?.stringValue.map { String($0.prefix(1)) }]
            return (words + lost).compactMap { $0 }.joined(separator: " ")
        }
    }

    private func update(_ id: String, _ set: JSONObject) -> JSONObject {
        ["type": "registry_update", "model_id": .string(id), "set": .object(set)]
    }

    private func publication(_ id: String, _ more: JSONObject = [:]) -> JSONObject {
        let model = JSONObject(dictionaryLiteral: ("id", .string(id))).with(more)
        return ["type": "registry_publish", "model": .object(model)]
    }

    /// Models enter, change within, leave and come back; a withdrawn one leaves.
    private func tellStory(_ writer: Peer) async throws {
        _ = try await writer.ask(publication("aaaaaaaa", ["tags": ["good"]]))
        _ = try await writer.ask(publication("bbbbbbbb"))
        _ = try await writer.ask(update("aaaaaaaa", ["notes": "n"]))
        _ = try await writer.ask(update("bbbbbbbb", ["notes": "n"]))
        _ = try await writer.ask(update("bbbbbbbb", ["tags": ["good", "new"]]))
        _ = try await writer.ask(update("aaaaaaaa", ["tags": []]))
        _ = try await writer.ask(update("aaaaaaaa", ["notes": "m"]))
        _ = try await writer.ask(["type": "registry_withdraw", "model_id": "bbbbbbbb"])
        _ = try await writer.ask(["type": "registry_restore", "model_id": "bbbbbbbb"])
    }

    private static let story = [
        "1 entered published a", "3 changed updated a", "5 entered updated b", "6 left updated a",
        "8 left withdrawn b", "9 entered restored b",
    ]

    @Test func aModelEntersChangesWithinAndLeavesTheResult() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        let watcher = try await service.client(starter, "watcher")
        let plain = try await service.client(starter, "plain")
        let reply = try await watcher.ask(subscribe(#"tags HAS "good""#))
        _ = try await plain.ask(["type": "registry_subscribe"])
        #expect(reply["type"] == "registry_subscribed" && reply["mode"] == "snapshot")
        try await tellStory(writer)
        #expect(told(watcher) == Self.story)
        let events = plain.channel.frames(of: "registry_event")
        #expect(events.count == 9 && events.allSatisfy { $0["match"] == nil })
        let first = try #require(watcher.channel.frames(of: "registry_event").first)
        #expect(first.without("match") == events.first)
    }

    /// - Parameter tail: how many changes are in memory: with few, those that were missed are read from the record.
    @Test(arguments: [1024, 2])
    func resumingTellsWhatWasMissedAsItWasTold(tail: Int) async throws {
        let service = try await Service { $0.tailChanges = tail }
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        let watcher = try await service.client(starter, "watcher")
        _ = try await watcher.ask(subscribe(#"tags HAS "good""#))
        try await tellStory(writer)
        let epoch = JSONValue.string(await writer.room.manifest.epoch.text)
        for since in [0, 2, 5, 8] {
            let late = try await service.client(starter, "late-\(since)")
            let position: JSONValue = ["epoch": epoch, "revision": .integer(since)]
            let reply = try await late.ask(subscribe(#"tags HAS "good""#, ["since": position]))
            #expect(reply["mode"] == "resume")
            let expected = Self.story.filter { Int($0.prefix(1)) ?? 0 > since }
            try await eventually("what was missed") { told(late).count >= expected.count }
            #expect(told(late) == expected)
        }
    }

    @Test func theSnapshotHoldsTheMatchingModelsOnlyOldestFirst() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        for number in 0..<40 {
            let tags: JSONValue = number.isMultiple(of: 13) ? ["good"] : ["bad"]
            _ = try await writer.ask(publication(number.modelID, ["tags": tags]))
        }
        let watcher = try await service.client(starter, "watcher")
        _ = try await watcher.ask(subscribe(#"tags HAS "good" AND NOT name EXISTS"#))
        let page = try #require(watcher.channel.frames(of: "registry_snapshot").first)
        let ids = page["models"]?.arrayValue?.compactMap { $0.objectValue?["id"]?.stringValue }
        #expect(ids == [0, 13, 26, 39].map(\.modelID))
    }

    @Test func anAliasThatMovesTellsOfBothModels() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        let holders = try await service.client(starter, "holders")
        let olds = try await service.client(starter, "olds")
        let others = try await service.client(starter, "others")
        _ = try await writer.ask(publication("aaaaaaaa", ["name": "old"]).with(["alias": "prod"]))
        _ = try await writer.ask(publication("bbbbbbbb", ["name": "new"]))
        _ = try await holders.ask(subscribe(#"alias = "prod""#))
        _ = try await olds.ask(subscribe(#"name = "old""#))
        _ = try await others.ask(subscribe(#"name = "else""#))
        _ = try await writer.ask(["type": "registry_alias", "alias": "prod", "model_id": "bbbbbbbb", "force": true])
        _ = try await others.query("list_models")
        #expect(told(holders) == ["3 entered aliased b left a"])
        #expect(told(olds) == ["3 changed unaliased a"])
        #expect(told(others) == [])
        let event = try #require(olds.channel.frames(of: "registry_event").first)
        #expect(event["previous_model_id"] == "aaaaaaaa")
        #expect(event["alias"] == "prod" && event["model"]?.objectValue?["aliases"] == [])
        let other = holders.channel.frames(of: "registry_event").first?["other"]?.objectValue
        #expect(other?["model"]?.objectValue?["name"] == "old")
    }

    @Test func filtersAndTheQueryOfASubscriptionHoldTogether() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        let watcher = try await service.client(starter, "watcher")
        _ = try await watcher.ask(subscribe(#"tags HAS "good""#, ["filters": ["name": "mouse"]]))
        _ = try await writer.ask(publication("aaaaaaaa", ["tags": ["good"], "name": "rat"]))
        _ = try await writer.ask(publication("bbbbbbbb", ["tags": ["good"], "name": "mouse"]))
        _ = try await writer.ask(update("aaaaaaaa", ["name": "mouse"]))
        #expect(told(watcher) == ["2 entered published b", "3 entered updated a"])
    }

    @Test func oneQueryOfManyWatchersIsJudgedOnceAndGoesWithTheLast() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        var watchers: [Peer] = []
        for number in 0..<6 {
            watchers.append(try await service.client(starter, "watcher-\(number)"))
            let query = number < 4 ? #"tags HAS "good""# : #"tags HAS "bad""#
            _ = try await watchers[number].ask(subscribe(query))
        }
        #expect(await writer.room.liveQueryCount == 2)
        _ = try await writer.ask(publication("aaaaaaaa", ["tags": ["good"]]))
        #expect(watchers.map { told($0).count } == [1, 1, 1, 1, 0, 0])
        for watcher in watchers[4...] { await watcher.leave() }
        #expect(await writer.room.liveQueryCount == 1)
        for watcher in watchers[..<3] { _ = try await watcher.ask(["type": "registry_unsubscribe"]) }
        #expect(await writer.room.liveQueryCount == 1)
        _ = try await watchers[3].ask(subscribe(#"tags HAS "else""#))
        #expect(await writer.room.liveQueryCount == 1)
        _ = try await watchers[3].ask(["type": "registry_unsubscribe"])
        #expect(await writer.room.liveQueryCount == 0)
    }

    @Test func faultsNameTheirPosition() async throws {
        let service = try await Service()
        let client = try await service.client(try await service.starter())
        for (request, position) in [
            (subscribe("name ="), 7), (subscribe(#"name = "x" AND available = true"#), 16),
            (Peer.query("list_models", ["query": "nmae = 'x'"]), 1),
            (Peer.query("list_models", ["query": .string(String(repeating: " ", count: 5000))]), 4097),
        ] {
            let error = try await client.ask(request)
            #expect(error["type"] == "error" && error["code"] == "INVALID_MESSAGE" && error["retryable"] == false)
            #expect(error["position"] == .integer(position), "\(error)")
            #expect(error["expected"]?.stringValue?.isEmpty == false && error["remedy"]?.stringValue?.isEmpty == false)
        }
        let mixed = try await client.ask(subscribe("name EXISTS", ["filters": ["available": true]]))
        #expect(
            mixed["code"] == "INVALID_MESSAGE" && mixed["message"]?.stringValue?.hasPrefix("filters.available") == true)
        let wrong = try await client.query("list_models", ["query": 5])
        #expect(wrong["code"] == "INVALID_MESSAGE" && wrong["position"] == nil)
    }
}

@Suite struct QueriedListTests {
    @Test func modelsAreListedByAQueryBesideFilters() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        for number in 0..<60 { _ = try await writer.publish(number.modelID, ["alias": .string("mouse-\(number)")]) }
        let text = #"type = "centroid" AND metrics.val_loss < 0.6 AND alias ~ "mouse-1*""#
        let reply = try await writer.query("list_models", ["query": .string(text), "limit": 3])
        #expect(reply["count"] == 11 && reply["models"]?.arrayValue?.count == 3)
        let next = try await writer.query(
            "list_models", ["query": .string(text), "limit": 50, "cursor": reply["next_cursor"] ?? nil])
        #expect(next["models"]?.arrayValue?.count == 8)
        let both = try await writer.query("list_models", ["query": .string(text), "filters": ["alias": "mouse-17"]])
        #expect(both["count"] == 1)
        _ = try await writer.ask([
            "type": "registry_update", "model_id": "mouse-17", "set": ["metrics": ["val_loss": 0.7]],
        ])
        #expect(try await writer.query("list_models", ["query": .string(text)])["count"] == 10)
    }
}

extension RoomLoop {
    fileprivate var liveQueryCount: Int { liveQueries.count }
}
