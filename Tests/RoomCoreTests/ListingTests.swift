import JSONWire
import RoomCore
import Testing

@Suite struct ListingTests {
    static let sorts = ["published_at", "trained_at", "alias", "name", "size_bytes", "final_loss", "metrics.a|b"]
        .flatMap { [$0, "-" + $0] }

    private func room() throws -> Room {
        var room = Room()
        for number in 0..<30 {
            try room.publish(id(number)) {
                guard number % 4 != 0 else { return }
                $0.fields.trainedAt = .set(Timestamp(seconds: Int64(number % 5)))
                $0.fields.name = .set(["é", "e\u{301}", "f", "\u{301}x"][number / 4 % 4])
                $0.fields.sizeBytes = .set(number % 6)
                $0.fields.training = .set(["final_loss": .number(Double(number % 3) / 3)])
                $0.fields.metrics = .set(["a|b": .integer(number % 7)])
                $0.alias = number % 3 == 0 ? Alias(trusted: "v\(number)") : nil
            }
        }
        return room
    }

    private func id(_ number: Int) -> String { "aaaaaa" + (number < 10 ? "0" : "") + String(number) }

    /// Reads every page by cursor text, as a peer does; `between` may change the room.
    private func pages(
        of room: inout Room, _ sort: String, limit: Int = 7, between: (inout Room, Int) throws -> Void = { _, _ in }
    ) throws -> [ModelEntry] {
        var query = ListQuery()
        query.order = try #require(ModelOrder(sort))
        query.limit = limit
        var seen: [ModelEntry] = []
        for number in 0..<100 {
            let page = room.manifest.list(query, presence: WorkerPresence(), maxBytes: .max)
            seen += page.entries
            guard let next = page.next else { break }
            let cursor = try #require(PageCursor(next.text))
            #expect(cursor == next && cursor.continues(query.order))
            query.cursor = cursor
            try between(&room, number)
        }
        return seen
    }

    @Test(arguments: sorts)
    func pagingVisitsEachModelOnce(_ sort: String) throws {
        var room = try room()
        let seen = try pages(of: &room, sort).map(\.model.id)
        #expect(seen.count == 30 && Set(seen).count == 30)
        #expect(try pages(of: &room, sort, limit: 500).map(\.model.id) == seen)
    }

    @Test(arguments: sorts)
    func pagingStaysRightWhileModelsComeAndGo(_ sort: String) throws {
        var room = try room()
        let standing = Set((10..<30).map(id))
        let seen = try pages(of: &room, sort) { room, page in
            try room.withdraw(id(page))
            try room.publish("bbbbbb0\(page)")
        }.map(\.model.id.text)
        #expect(Set(seen).count == seen.count && standing.isSubset(of: seen))
    }

    @Test(arguments: sorts)
    func missingValuesComeLast(_ sort: String) throws {
        guard !sort.hasSuffix("published_at") else { return }
        var room = try room()
        let models = try pages(of: &room, sort).map(\.model)
        let missing = models.map { sort.hasSuffix("alias") ? $0.alias == nil : $0.trainedAt == nil }
        #expect(missing.contains(true) && missing.drop { !$0 }.allSatisfy { $0 })
    }

    @Test func theDefaultIsNewestFirst() throws {
        var room = try room()
        #expect(try pages(of: &room, "-published_at").map(\.model.id.text) == (0..<30).reversed().map(id))
    }

    @Test func pagesEndAtTheByteCapButHoldOne() throws {
        let room = try room()
        var query = ListQuery()
        #expect(room.manifest.list(query, presence: WorkerPresence(), maxBytes: 1).entries.count == 1)
        query.filter.text = "aaaaaa"
        let page = room.manifest.list(query, presence: WorkerPresence(), maxBytes: 3_000)
        #expect(page.entries.count > 1 && page.next != nil && page.count == 30)
        #expect(page.entries.reduce(0) { $0 + $1.encoded(presence: WorkerPresence()).count } <= 3_000)
    }

    @Test func theBoundCoversHostileCopies() throws {
        var room = try room()
        let worker = Room.worker(named: String(repeating: "\"", count: 128))
        let entry = try room.copy(id(1), by: worker) { $0.path = String(repeating: "\u{1}", count: 4096) }.entry
        var presence = WorkerPresence()
        presence.arrive(WorkerName(trusted: worker.username), at: room.now)
        #expect(entry.encoded(presence: presence).count <= entry.encodedBound)
    }

    @Test(arguments: ["", "00", "zz", "7c", "6e616d657c", String(repeating: "a", count: 3000)])
    func othersCursorsAreRefused(_ text: String) { #expect(PageCursor(text) == nil) }

    @Test(arguments: ["", "-", "--name", "id", "metrics.", "Name", "metrics." + String(repeating: "m", count: 65)])
    func unknownSortsAreRefused(_ text: String) { #expect(ModelOrder(text) == nil) }
}
