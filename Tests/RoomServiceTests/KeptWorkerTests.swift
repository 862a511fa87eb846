import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

/// Jobs over HTTP for a worker that is reserved: only its holder's user may give it one.
@Suite struct KeptWorkerTests {
    private static let reserve: JSONObject = ["type": "reserve", "target": "w1"]
    private static let order = WorkerOrder.encryptedRelay(session: "s", nonce: "n", ciphertext: "c")

    private func errand(_ starter: Starter) throws -> WorkerErrand {
        try WorkerErrand(FieldReader(["room_id": .string(starter.room.id.text), "peer_id": "w1"]))
    }

    private func caller(_ name: String, of starter: Starter, on service: Service) async throws -> Caller {
        let jwt = try await service.member(name, of: starter, role: .publisher)
        return try #require(try await service.accounts.caller(bearer: jwt))
    }

    private func refusal(_ body: () async throws -> Void) async -> RelayRefusal? {
        do {
            try await body()
            return nil
        } catch {
            return error as? RelayRefusal
        }
    }

    @Test func aJobIsTakenFromTheHoldersUserAlone() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let worker = try await service.worker(ann, "w1")
        let holder = try await service.client(ann, "alice")
        let reserved = try await holder.ask(Self.reserve)
        let desk = WorkerDesk(accounts: service.accounts, directory: service.directory)
        let bob = try await caller("bob", of: ann, on: service)
        let owner = try #require(try await service.accounts.caller(bearer: ann.jwt))
        let plain = await refusal { _ = try await desk.submit([:], to: errand(ann), by: bob) }
        let encrypted = await refusal { try await desk.submit(encrypted: Self.order, to: errand(ann), by: bob) }
        let end = try #require(reserved["expires_at"]?.stringValue)
        let words = "Worker w1 is reserved for alice until \(end); wait until then, or choose another worker"
        #expect(plain == .conflict(words) && encrypted == .conflict(words))
        #expect(worker.channel.types == ["registered_auth"])
        // Anything else but a job goes on to it.
        try await desk.send(Self.order, to: errand(ann), by: bob)
        _ = try await desk.submit([:], to: errand(ann), by: owner)
        #expect(worker.channel.types == ["registered_auth", "encrypted_relay", "job_assigned"])
        service.clock.advance(seconds: 60)
        _ = try await desk.submit([:], to: errand(ann), by: bob)
        #expect(worker.channel.frames.last?["submitted_by"] == "bob")
    }

    @Test func aJobThatMeetsAReservationOnTheWorkersServerIsRejectedInItsStream() async throws {
        let pair = try await AcrossServersTests.Pair()
        let worker = try await pair.one.worker(pair.ann, "w1")
        let holder = try await pair.one.client(pair.ann, "alice")
        let asker = try await pair.two.client(pair.ann, "somebody")
        try await eventually("known") { await asker.room.knowsRemote("w1") }
        let place = try #require(await asker.room.worker(PeerID(trusted: "w1")))
        _ = try await holder.ask(Self.reserve)
        let job = try #require(JobID("job_1"))
        try await pair.two.streams.open(.job(job), in: pair.ann.room.id, for: place.writer)
        let frame = JobOrder(by: "user:bob", WorkerOrder.jobAssigned(job, config: [:], by: "bob"))
        #expect(await asker.room.send(frame.encoded, to: place))
        let event = try #require(await (try pair.two.streams.read("job_1")).events(1).first)
        #expect(event.object["status"] == "rejected" && event.object["type"] == "job_status")
        #expect(event.object["error"]?.stringValue?.hasPrefix("Worker w1 is reserved for alice until ") == true)
        #expect(worker.channel.types == ["registered_auth"])
        let own = JobOrder(by: "user:\(pair.ann.user.id)", WorkerOrder.jobAssigned(job, config: [:], by: "ann"))
        #expect(await asker.room.send(own.encoded, to: place))
        #expect(try await worker.channel.next(type: "job_assigned")["submitted_by"] == "ann")
    }

    @Test func anOrderReadsAsItWasWritten() {
        let order = JobOrder(by: "user:bob", Self.order)
        #expect(JobOrder(order.encoded) == order)
        let hostile: [[UInt8]] = [[], [2], [2, 0], [2, 65], Self.order, [1] + Array("x".utf8) + [0]]
        #expect(hostile.allSatisfy { JobOrder($0) == nil })
    }
}
