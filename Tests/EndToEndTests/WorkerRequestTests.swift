import EventLoops
import Foundation
import JSONWire
import RoomClient
import Synchronization
import Testing

/// What members ask of workers over HTTP, on the built server.
@Suite(.timeLimit(.minutes(5))) struct WorkerRequestTests {
    /// A room with a worker `w1` and a client `c1`; bob has a room of his own.
    private final class Lab {
        let server = BuiltServer(environment: ["SLEAP_ROOMS_WORKER_REQUESTS_PER_S": "10000"])
        let alice: BuiltServer.Starter
        let bob: BuiltServer.Starter

        init() throws {
            alice = try server.bootstrap()
            bob = try server.bootstrap(user: "bob", room: "elsewhere", worker: nil)
            try server.start()
        }

        func credential(_ who: String) -> String? {
            ["alice": alice.jwt, "bob": bob.jwt, "worker": alice.worker_token ?? ""][who]
        }

        func ask(_ vector: RequestVector) async throws -> FileAnswer {
            let path = filled(vector.path)
            var headers = ["Content-Type": "application/json"]
            if let credential = credential(vector.who) { headers["Authorization"] = "Bearer \(credential)" }
            return try await FileClient.ask(
                vector.method, server.http + path, body: vector.body.map { Array(filled($0).utf8) }, headers: headers)
        }

        private func filled(_ text: String) -> String {
            text.replacing("ROOM", with: alice.room_id).replacing("EMPTY", with: bob.room_id)
        }
    }

    @Test func everyRequestIsAnsweredAsItsVectorSays() async throws {
        let lab = try Lab()
        try await withLoops { group in
            var settings = try lab.server.settings(.workerToken(try #require(lab.alice.worker_token)), peer: "w1")
            settings.role = "worker"
            let worker = try await RoomConnection.open(settings, on: group.next())
            let client = try await RoomConnection.open(
                try lab.server.settings(.jwt(lab.alice.jwt, room: lab.alice.room_id), peer: "c1"), on: group.next())
            var frames = worker.messages.makeAsyncIterator()
            for vector in RequestVector.all {
                let answer = try await lab.ask(vector)
                #expect(answer.status == vector.status, "\(vector.title): \(answer.text)")
                #expect(RequestVector.matches(answer.text, vector.reply), "\(vector.title): \(answer.text)")
                guard let frame = vector.frame else { continue }
                let sent = try await nextFrame(&frames)
                let text = String(decoding: JSONValue.object(sent).encoded(), as: UTF8.self)
                #expect(RequestVector.matches(text, frame), "\(vector.title): \(text)")
            }
            #expect(await worker.end == nil)
            await client.close()
        }
    }

    /// Passing over what the server says to every worker now and then.
    private func nextFrame(_ frames: inout AsyncStream<JSONObject>.Iterator) async throws -> JSONObject {
        while let frame = await frames.next() {
            if frame["type"] != "ping" { return frame }
        }
        throw ClientFault.timedOut
    }

    @Test func whoAsksTooOftenIsToldToWait() async throws {
        let server = BuiltServer(environment: ["SLEAP_ROOMS_WORKER_REQUESTS_PER_S": "1"])
        let alice = try server.bootstrap()
        try server.start()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
            for _ in 0..<20 {
                tasks.addTask { [http = server.http] in
                    try await FileClient.ask(
                        "POST", http + "/api/fs/list", body: Array("{}".utf8),
                        headers: ["Authorization": "Bearer \(alice.jwt)"]
                    ).status
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.contains(429) && statuses.contains(422))
    }
}
