import RoomCore
import RoomStorage
import Testing

/// The duties of a ``FileUpkeep``.
package enum UpkeepDuties {
    package static let all: [Duty<LedgerUnderTest>] = [
        Duty("of sixteen servers one gets a duty, and all hear which") { under in
            try await free(under)
            let holders = try await sideBySide(16) { number in
                try await grant(under, "server-\(number)", at: 100, until: 110)
            }
            #expect(Set(holders).count == 1)
        },
        Duty("a duty is renewed by its server and another's once its term is over") { under in
            try await free(under)
            #expect(try await grant(under, "one", at: 200, until: 210) == ServerID("one"))
            #expect(try await grant(under, "two", at: 209, until: 219) == ServerID("one"))
            #expect(try await grant(under, "one", at: 209, until: 230) == ServerID("one"))
            #expect(try await grant(under, "two", at: 229, until: 240) == ServerID("one"))
            #expect(try await grant(under, "two", at: 230, until: 240) == ServerID("two"))
            #expect(try await grant(under, "one", at: 231, until: 240) == ServerID("two"))
        },
        Duty("a duty is given back by its server alone") { under in
            try await free(under)
            _ = try await grant(under, "one", at: 300, until: 310)
            try await under.ledger.release(.checkFiles, by: ServerID("two"), at: Timestamp(seconds: 301))
            #expect(try await grant(under, "two", at: 301, until: 311) == ServerID("one"))
            #expect(try await under.ledger.end(of: .checkFiles) == Timestamp(seconds: 310))
            try await under.ledger.release(.checkFiles, by: ServerID("one"), at: Timestamp(seconds: 302))
            #expect(try await grant(under, "two", at: 302, until: 312) == ServerID("two"))
        },
        Duty("when a duty was done last is known to all, and giving it back late moves nothing") { under in
            try await free(under)
            _ = try await grant(under, "one", at: 400, until: 410)
            try await under.ledger.release(.checkFiles, by: ServerID("one"), at: Timestamp(seconds: 405))
            #expect(try await under.ledger.end(of: .checkFiles) == Timestamp(seconds: 405))
            try await under.ledger.release(.checkFiles, by: ServerID("one"), at: Timestamp(seconds: 420))
            #expect(try await under.ledger.end(of: .checkFiles) == Timestamp(seconds: 405))
        },
        Duty("a deleted room is remembered until it is forgotten") { under in
            let room = try await under.newRoom()
            #expect(try await under.ledger.deletion(of: room) == nil)
            try await under.accounts.deleteRoom(room)
            let moment = try #require(try await under.ledger.deletion(of: room))
            #expect(moment > Timestamp(seconds: 1_700_000_000))
            let later = moment.advanced(bySeconds: 1)
            #expect(try await under.ledger.rooms(deletedBefore: later, after: nil, limit: 10_000).contains(room))
            #expect(
                try await under.ledger.rooms(deletedBefore: later, after: room, limit: 10_000).contains(room) == false)
            #expect(
                try await under.ledger.rooms(deletedBefore: moment, after: nil, limit: 10_000).contains(room) == false)
            try await under.ledger.forgetDeletion(of: room, before: moment)
            #expect(try await under.ledger.deletion(of: room) == moment)
            try await under.ledger.forgetDeletion(of: room, before: later)
            #expect(try await under.ledger.deletion(of: room) == nil)
            try await under.accounts.deleteRoom(room)
            #expect(try await under.ledger.deletion(of: room) == nil)
        },
        Duty("a room's epoch begins when it is made, by the record's own clock") { under in
            let room = try await under.newRoom()
            let begun = try #require(try await under.ledger.epochStart(of: room))
            #expect(begun > Timestamp(seconds: 1_700_000_000))
            _ = try await under.accounts.renameRoom(room, to: "another")
            #expect(try await under.ledger.epochStart(of: room) == begun)
            try await under.accounts.deleteRoom(room)
            #expect(try await under.ledger.epochStart(of: room) == nil)
        },
        Duty("a room that is made again is not deleted") { under in
            let room = try await under.newRoom()
            try await under.accounts.deleteRoom(room)
            let record = RoomRecord(
                id: room, name: "room", createdBy: UserID(trusted: "somebody"), createdAt: Timestamp(seconds: 0),
                expiresAt: nil)
            try await under.accounts.createRoom(record, epoch: Epoch(trusted: "second"))
            #expect(try await under.ledger.deletion(of: room) == nil)
        },
    ]

    private static func grant(
        _ under: LedgerUnderTest, _ server: String, at now: Int64, until moment: Int64
    ) async throws -> ServerID {
        try await under.ledger.grant(
            .checkFiles, to: ServerID(server), until: Timestamp(seconds: moment), at: Timestamp(seconds: now))
    }

    /// Takes the duty from whoever had it, by a moment after every term.
    private static func free(_ under: LedgerUnderTest) async throws {
        let server = ServerID("free")
        _ = try await under.ledger.grant(
            .checkFiles, to: server, until: Timestamp(seconds: 0), at: Timestamp(seconds: 1_000_000))
        try await under.ledger.release(.checkFiles, by: server, at: Timestamp(seconds: 0))
    }
}
