import JSONWire
import RoomCore
import Testing

@Suite struct ListingTests {
    private let presence = WorkerPresence()

    private func pages(
        _ room: inout RoomUnderTest, _ query: ListQuery, between: (inout RoomUnderTest) throws -> Void = { _ in }
    ) throws -> [String] {
        var query = query
        var ids: [String] = []
        while true {
            let page = room.manifest.list(query, presence: presence, maxBytes: 1 << 20)
            ids += page.entries.map(\.model.id.text)
            guard let next = page.next else { return ids }
            let cursor: PageCursor = try #require(PageCursor(next.text))
            query.cursor = cursor
            try between(&room)
        }
    }

    private func room(_ count: Int) throws -> RoomUnderTest {
        var room = RoomUnderTest()
        for number in 0..<count {
            try room.publish(String(format8: number)) {
                if number % 3 != 0 { $0.fields.metrics = .set(["val_loss": .number(Double(number % 7))]) }
                if number % 4 != 0 { $0.fields.name = .set("n\(number % 5)") }
                if number % 2 == 0 { $0.alias = Alias(trusted: "alias-\(number)") }
                $0.fields.training = .set(["final_loss": .number(Double(number % 11))])
                $0.fields.sizeBytes = .set(number % 13)
            }
        }
        return room
    }

    @Test(arguments: [
        "-published_at", "published_at", "trained_at", "alias", "-alias", "name", "-name", "size_bytes", "-size_bytes",
        "final_loss", "-final_loss", "metrics.val_loss", "-metrics.val_loss",
    ])
    func pagingVisitsEachModelOnceWhileTheRoomChanges(_ sort: String) throws {
        var room = try room(60)
        var query = ListQuery()
        query.order = try #require(ModelOrder(sort))
        query.limit = 7
        var extra = 1000
        let ids = try pages(&room, query) { room in
            try room.publish(String(format8: extra))
            try room.decide(.withdraw(model: String(format8: extra), reason: nil))
            extra += 1
            try room.publish(String(format8: extra))
            extra += 1
        }
        let original = ids.filter { (Int($0) ?? 0) < 1000 }
        #expect(original.count == 60)
        #expect(Set(ids).count == ids.count)
    }

    @Test func missingValuesComeLastBothWays() throws {
        for sort in ["metrics.val_loss", "-metrics.val_loss", "alias", "-alias"] {
            var room = try room(20)
            var query = ListQuery()
            query.order = try #require(ModelOrder(sort))
            let listed = try pages(&room, query).compactMap { room.model($0) }
            let has = listed.map { sort.hasSuffix("alias") ? $0.alias != nil : $0.metrics["val_loss"] != nil }
            #expect(has == has.filter { $0 } + has.filter { !$0 }, "\(sort)")
        }
    }

    @Test func theDefaultIsTheNewestFirstWithoutWithdrawnOnes() throws {
        var room = try room(5)
        try room.decide(.withdraw(model: String(format8: 3), reason: nil))
        let ids = try pages(&room, ListQuery())
        #expect(ids == [4, 2, 1, 0].map { String(format8: $0) })
        let page = room.manifest.list(ListQuery(), presence: presence, maxBytes: 1 << 20)
        #expect(page.count == 4 && page.next == nil)
    }

    @Test func aPageEndsAtItsBytesButHoldsAtLeastOne() throws {
        let room = try room(10)
        var query = ListQuery()
        query.limit = 10
        #expect(room.manifest.list(query, presence: presence, maxBytes: 1).entries.count == 1)
        let bound = try #require(room.manifest.models.values.first).encodedBound
        let page = room.manifest.list(query, presence: presence, maxBytes: bound * 3 + bound / 2)
        #expect((2...4).contains(page.entries.count))
    }

    @Test func cursorsOfNonsenseAreNone() {
        for text in ["", "zz", "6162", "2d7c7c", String(repeating: "a", count: 5000)] {
            #expect(PageCursor(text) == nil)
        }
    }
}

extension String {
    /// Eight digits, so that it is a model id.
    init(format8 number: Int) {
        let digits = String(number)
        self = String(repeating: "0", count: 8 - digits.count) + digits
    }
}
