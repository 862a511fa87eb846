import RoomCore

/// The newest changes of a room with the event each is told by, bounded in count and bytes.
struct ChangeTail {
    struct Item {
        let change: Change
        let event: [UInt8]
    }

    private let maxCount: Int
    private let maxBytes: Int
    private var items: [Item] = []
    private var head = 0
    private var bytes = 0

    init(maxCount: Int, maxBytes: Int) {
        self.maxCount = maxCount
        self.maxBytes = maxBytes
    }

    mutating func append(_ item: Item) {
        items.append(item)
        bytes += item.event.count
        while items.count - head > maxCount || (bytes > maxBytes && items.count - head > 1) {
            bytes -= items[head].event.count
            head += 1
        }
        guard head > items.count / 2 else { return }
        items.removeFirst(head)
        head = 0
    }

    mutating func clear() {
        items = []
        head = 0
        bytes = 0
    }

    /// The item of a revision, if it is still here.
    subscript(revision: Revision) -> Item? {
        guard head < items.count else { return nil }
        let offset = revision.number - items[head].change.revision.number
        guard offset >= 0, head + offset < items.count else { return nil }
        return items[head + offset]
    }
}
