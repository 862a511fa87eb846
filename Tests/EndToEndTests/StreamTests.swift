import EventLoops
import Foundation
import JSONWire
import RoomClient
import Testing

/// Streams of events on the built server, and on two of them.
@Suite(.timeLimit(.minutes(5))) struct StreamTests {
    private func worker(
        _ starter: BuiltServer.Starter, _ peer: String, on server: BuiltServer, _ loop: EventLoop
    ) async throws -> RoomConnection {
        var settings = try server.settings(.workerToken(try #require(starter.worker_token)), peer: peer)
        settings.role = "worker"
        return try await RoomConnection.open(settings, on: loop)
    }

    private func progress(_ number: Int, of job: String) -> JSONObject {
        ["type": "job_progress", "job_id": .string(job), "event": "epoch_end", "epoch": .integer(number)]
    }

    private func epochs(_ events: [EventSource.Event]) -> [Int] { events.compactMap { $0.object["epoch"]?.intValue } }

    @Test(.enabled(if: SharedStores.areThere))
    func aStreamOnOneServerHearsTheWorkerOnTheOtherEachEventOnceInOrder() async throws {
        let stores = try SharedStores()
        let (one, two) = (
            BuiltServer(environment: stores.environment), BuiltServer(environment: stores.environment)
        )
        let alice = try one.bootstrap(environment: stores.environment)
        try one.start()
        try two.start()
        try await withLoops { group in
            let worker = try await worker(alice, "w-two", on: one, group.next())
            let errand: JSONObject = ["room_id": .string(alice.room_id), "peer_id": "w-two"]
            var submitted = JSONObject()
            try await eventually("the second server knows the worker") {
                var job = errand
                job["config"] = ["type": "train"]
                submitted = try await two.ask("POST", "/api/jobs/submit", bearer: alice.jwt, body: job).body
                return submitted["job_id"] != nil
            }
            var frames = worker.messages.makeAsyncIterator()
            let assigned = try #require(await frames.next())
            let job = try #require(assigned["job_id"]?.stringValue)
            #expect(assigned["type"] == "job_assigned" && submitted["job_id"]?.stringValue == job)

            let there = try EventSource(two.http + "/relay/stream/\(job)", files: two.directory)
            try await there.opened()
            for number in 1...120 { await worker.send(progress(number, of: job)) }
            let here = try EventSource(one.http + "/stream/\(job)", files: one.directory)
            let heard = try await there.events(121)
            #expect(heard.first?.object["status"] == "submitted" && epochs(heard) == Array(1...120))
            let replayed = try await here.events(121)
            #expect(replayed.map(\.id) == heard.map(\.id))
            #expect(heard.allSatisfy { $0.object["_ts"]?.doubleValue ?? 0 > 1_700_000_000 })

            let late = try EventSource(
                two.http + "/stream/\(job)", headers: ["Last-Event-ID: \(heard[100].id)"], files: two.directory)
            await worker.send(progress(121, of: job))
            #expect(epochs(try await late.events(21)) == Array(101...121))
        }
    }

    @Test func aStreamIsWhatBrowsersExpectAndEndsWhenTheServerGoes() async throws {
        let server = BuiltServer(environment: ["SLEAP_ROOMS_DRAIN_S": "0"])
        let alice = try server.bootstrap()
        try server.start()
        try await withLoops { group in
            let source = try EventSource(server.http + "/relay/stream/worker%3Aw1", files: server.directory)
            try await source.opened()
            let head = source.head.lowercased()
            #expect(head.hasPrefix("http/1.1 200 ok"))
            for field in ["content-type: text/event-stream", "cache-control: no-cache", "x-accel-buffering: no"] {
                #expect(head.contains(field), "\(field)")
            }
            let worker = try await worker(alice, "w1", on: server, group.next())
            await worker.send(["type": "worker_path_ok", "path": "/mnt/a.slp"])
            let events = try await source.events(1)
            #expect(events[0].object["path"] == "/mnt/a.slp")
            #expect(server.terminate() == 0)
            try await eventually("the end of the stream") { source.hasEnded }
        }
    }

    @Test func whoFindsNoPlaceIsToldToComeBackAsBrowsersUnderstandIt() async throws {
        let server = BuiltServer(environment: ["SLEAP_ROOMS_STREAM_READERS": "1"])
        _ = try server.bootstrap()
        try server.start()
        let first = try EventSource(server.http + "/stream/job_1", files: server.directory)
        try await first.opened()
        let answer = try await FileClient.ask("GET", server.http + "/stream/job_1")
        #expect(answer.status == 200 && answer.text == "retry: 5000\n\n")
    }

    @Test func aReaderThatShowsWhoItIsMustBelongToTheRoom() async throws {
        let server = BuiltServer()
        let alice = try server.bootstrap()
        let bob = try server.bootstrap(user: "bob", room: "elsewhere", worker: nil)
        try server.start()
        let url = server.http + "/stream/worker%3Aw1?room_id=\(alice.room_id)"
        for (credential, status) in [(bob.jwt, 403), ("nonsense", 401)] {
            let answer = try await FileClient.ask("GET", url, headers: ["Authorization": "Bearer \(credential)"])
            #expect(answer.status == status)
        }
        let source = try EventSource(url, headers: ["Authorization: Bearer \(alice.jwt)"], files: server.directory)
        try await source.opened()
    }
}
