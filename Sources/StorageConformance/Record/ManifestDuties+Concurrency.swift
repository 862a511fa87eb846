import RoomCore
import RoomStorage
import Testing

extension ManifestDuties {
    static let concurrency: [Duty<RecordUnderTest>] = [
        Duty("sixty-four appenders over sixteen rooms lose and double nothing") { record in
            let rooms = try await sideBySide(16) { _ in try await record.newRoom() }
            let written = try await sideBySide(64) { number in
                (number % 16, try await record.contend(for: rooms[number % 16], writer: number, changes: 5))
            }
            for (index, room) in rooms.enumerated() {
                let acknowledged = written.filter { $0.0 == index }.flatMap(\.1).sorted()
                #expect(acknowledged == Array(1...20))
                try await record.expectWhole(room, changes: 20, writers: Set(stride(from: index, to: 64, by: 16)))
            }
        },
        Duty("eight writers of one room never fork it") { record in
            let room = try await record.newRoom()
            let written = try await sideBySide(8) { number in
                try await record.contend(for: room, writer: number, changes: 10)
            }
            #expect(written.flatMap { $0 }.sorted() == Array(1...80))
            try await record.expectWhole(room, changes: 80, writers: Set(0..<8))
        },
        Duty("superseded requests do not harm those they wait with") { record in
            let stale = try await record.newRoom(changes: 2)
            let rooms = try await sideBySide(24) { _ in try await record.newRoom() }
            let outcomes = try await sideBySide(48) { number in
                guard number < 24 else { return try await record.append(stale, after: 0, [change(1)]) }
                return try await record.append(rooms[number], after: 0, [change(1)])
            }
            #expect(outcomes.count { $0 == .committed } == 24)
            for room in rooms { #expect(try await record.revisions(room) == [1]) }
            #expect(try await record.revisions(stale) == [1, 2])
        },
        Duty("a read sees every commit that returned before it") { record in
            _ = try await sideBySide(8) { _ in
                let room = try await record.newRoom()
                for revision in 1...15 {
                    try await record.expectCommitted(room, after: revision - 1, [change(revision)])
                    #expect(try await record.manifests.head(of: room)?.revision == Revision(revision))
                    #expect(try await record.revisions(room, after: revision - 1) == [revision])
                }
            }
        },
        Duty("a reader never sees part of a request") { record in
            let room = try await record.newRoom()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for base in stride(from: 0, to: 60, by: 3) {
                        try await record.expectCommitted(room, after: base, (1...3).map { change(base + $0) })
                    }
                }
                for _ in 0..<4 {
                    group.addTask {
                        var seen = 0
                        while seen < 60 {
                            seen = try await record.revisions(room).count
                            #expect(seen % 3 == 0)
                        }
                    }
                }
                try await group.waitForAll()
            }
        },
    ]
}

extension RecordUnderTest {
    /// Appends changes that name their writer, deciding again whenever another was first; gives the revisions won.
    fileprivate func contend(for room: RoomID, writer: Int, changes count: Int) async throws -> [Int] {
        var won: [Int] = []
        var base = 0
        while won.count < count {
            switch try await append(room, after: base, [change(base + 1, model: model(writer))]) {
            case .committed:
                base += 1
                won.append(base)
            case .superseded(let head):
                try #require(head.revision.number != base, "superseded where the room stands")
                base = head.revision.number
            case .noSuchRoom:
                throw UnexpectedOutcome()
            }
        }
        return won
    }

    /// Each revision is there once, and each writer has its equal share.
    fileprivate func expectWhole(_ room: RoomID, changes count: Int, writers: Set<Int>) async throws {
        let stored = try await changes(room)
        #expect(stored.map(\.revision.number) == Array(1...count))
        for writer in writers {
            #expect(stored.count { $0.model == model(writer) } == count / writers.count)
        }
        #expect(try await manifests.head(of: room)?.revision == Revision(count))
    }
}

private struct UnexpectedOutcome: Error {}
