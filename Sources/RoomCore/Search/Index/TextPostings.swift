/// Which models have a text in one field.
struct TextPostings: Sendable {
    private(set) var lists: [String: Slots] = [:]

    mutating func add(_ texts: [String], at slot: Int32) {
        for text in texts { lists[text, default: []].add(slot) }
    }

    mutating func move(from old: [String], to new: [String], at slot: Int32) {
        guard old != new else { return }
        for text in old where !new.contains(text) {
            lists[text]?.drop(slot)
            if lists[text]?.isEmpty == true { lists[text] = nil }
        }
        for text in new where !old.contains(text) { lists[text, default: []].add(slot) }
    }
}
