import JSONWire
import RoomCore
import RoomStorage
import Testing

@testable import RoomService

/// What a server knows of the peers of another one that was not heard of for a while, or is heard of while it asks.
@Suite struct LapsedServerTests {
    /// A server without anybody in it, and one that looks at it.
    private struct Pair {
        let one: Service
        let two: Service
        let worker: Peer
        let watcher: Peer
        var late: LateLiveRooms { two.late }

        init() async throws {
            one = try await Service()
            let ann = try await one.starter()
            two = try await Service(sharing: one, server: "two")
            worker = try await one.worker(ann, "w1")
            Self.renew(one, await worker.room.present)
            watcher = try await two.client(ann, "watcher")
        }

        static func renew(_ service: Service, _ present: [PresentPeer]) {
            service.live.renew(present, of: ServerID("one"), for: .seconds(15))
        }

        func renew() async { Self.renew(one, await worker.room.present) }
        func knowsWorker() async -> Bool { await watcher.room.knowsRemote("w1") }
        func here(_ peer: String) async throws -> PresentPeer {
            try #require(await worker.room.present.first { $0.peer.text == peer })
        }
    }

    private func look(_ directory: RoomDirectory, _ rounds: inout RoomDirectory.Rounds) async {
        for _ in 0..<10 { await directory.turn(&rounds) }
    }

    @Test func thePeersOfAServerComeBackWithItsLease() async throws {
        let pair = try await Pair()
        #expect(await pair.knowsWorker())
        var rounds = RoomDirectory.Rounds()
        await look(pair.two.directory, &rounds)
        pair.one.clock.advance(seconds: 20)
        await look(pair.two.directory, &rounds)
        #expect(await !pair.knowsWorker())
        await pair.renew()
        await look(pair.two.directory, &rounds)
        #expect(await pair.knowsWorker())
    }

    @Test func aLeaseIsRenewedWhileTheRecordHangs() async throws {
        let service = try await Service { $0.limits.pingIntervalSeconds = 1 }
        let worker = try await service.worker(try await service.starter())
        let running = Task { await service.directory.run() }
        defer { running.cancel() }
        await service.directory.isHearing()
        service.manifests.holdReads()
        defer { service.manifests.release() }
        // The worker is noted anew, for which the turn waits.
        service.clock.advance(seconds: 60)
        try await eventually("the turn hangs") { service.manifests.held > 0 }
        service.clock.advance(seconds: 60)
        try await eventually("the lease is renewed") { await service.live.servers() == [ServerID("one")] }
        #expect(service.manifests.held > 0 && worker.channel.closing == nil)
    }

    @Test func whoLeftWhileItWasAskedForStaysAway() async throws {
        let pair = try await Pair()
        let gone = try await pair.here("w1")
        pair.late.hold()
        let looking = Task { await pair.watcher.room.refreshRemotes() }
        try await eventually("the look") { pair.late.looks == 1 }
        await pair.watcher.room.hear([.left(gone)])
        pair.late.release()
        await looking.value
        #expect(await !pair.knowsWorker())
    }

    @Test func whoCameWhileItWasAskedForStays() async throws {
        let pair = try await Pair()
        let came = try await pair.here("w1")
        await pair.worker.leave()
        await pair.watcher.room.hear([.left(came)])
        pair.late.hold()
        let looking = Task { await pair.watcher.room.refreshRemotes() }
        try await eventually("the look") { pair.late.looks == 1 }
        await pair.watcher.room.hear([.arrived(came)])
        pair.late.release()
        await looking.value
        #expect(await pair.knowsWorker())
    }

    @Test func whoeverAsksWhileOneAsksIsServedByALaterLook() async throws {
        let pair = try await Pair()
        pair.late.hold()
        let looking = Task { await pair.watcher.room.refreshRemotes() }
        try await eventually("the look") { pair.late.looks == 1 }
        for _ in 0..<5 { await pair.watcher.room.refreshRemotes() }
        #expect(pair.late.looks == 1)
        pair.late.release()
        await looking.value
        #expect(pair.late.looks == 2)
    }
}
