import RoomCore
import RoomStorage
import Synchronization
import Testing

@testable import PostgresStorage

/// What writers were told, to be compared with what the record holds.
final class History: Sendable {
    private struct Told {
        /// By the writer's own name of the append: where it was committed.
        var committed: [String: (room: RoomID, revision: Int?)] = [:]
        /// Told that nothing was changed.
        var undone: Set<String> = []
    }

    private let told = Mutex(Told())

    /// Appends until it is over, every third time a receipt alone.
    func write(
        to room: RoomID, as writer: Int, in record: PostgresRecord, until isOver: @Sendable () -> Bool
    ) async throws {
        var base = 0
        var number = 0
        while !isOver() {
            number += 1
            let name = "\(writer)-\(number)"
            let isReceiptAlone = number % 3 == 0
            let changes = isReceiptAlone ? [] : [change(base + 1, body: Array(name.utf8))]
            let request = AppendRequest(
                room: room, epoch: epoch, base: Revision(base), changes: changes, receipts: [receipt(name, in: room)])
            do throws(StoreError) {
                switch try await record.append(request) {
                case .committed:
                    if !isReceiptAlone { base += 1 }
                    told.withLock { $0.committed[name] = (room, isReceiptAlone ? nil : base) }
                case .superseded(let head):
                    if head.revision.number == base { Issue.record("superseded where the room stands") }
                    base = head.revision.number
                    told.withLock { _ = $0.undone.insert(name) }
                case .noSuchRoom: Issue.record("the room is there")
                }
            } catch {
                note(name, error)
                while !isOver() {
                    if let head = try? await record.head(of: room) {
                        base = head.revision.number
                        break
                    }
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
    }

    private func note(_ name: String, _ error: StoreError) {
        told.withLock { told in
            // What is unknown may be there or not.
            if case .outcomeUnknown = error { return }
            told.undone.insert(name)
        }
    }

    /// No acknowledged append is missing or doubled, and none is there that was said to have changed nothing.
    func check(in database: ScratchDatabase) async throws {
        let outside = try database.connection()
        let rows = try outside.run(
            "SELECT room_id || ' ' || revision || ' ' || convert_from(body, 'UTF8') FROM changes ORDER BY 1")
        let kept = Set(try outside.run("SELECT key FROM receipts"))
        var stored: [String: String] = [:]
        var revisions: [String: [Int]] = [:]
        for row in rows {
            let parts = row.split(separator: " ").map(String.init)
            #expect(stored.updateValue("\(parts[0]) \(parts[1])", forKey: parts[2]) == nil, "stored twice")
            revisions[parts[0], default: []].append(Int(parts[1]) ?? 0)
        }
        for list in revisions.values { #expect(list.sorted() == Array(1...max(1, list.count))) }
        let told = told.withLock { $0 }
        for (name, place) in told.committed {
            #expect(kept.contains(name), "the receipt of \(name) was acknowledged and is missing")
            if let revision = place.revision { #expect(stored[name] == "\(place.room) \(revision)") }
        }
        for name in told.undone {
            #expect(stored[name] == nil && !kept.contains(name), "\(name) was said to have changed nothing")
        }
        #expect(told.committed.count > 20)
    }
}
