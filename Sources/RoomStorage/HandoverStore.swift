/// What servers hold for each other for a short while: invites, login hand-overs, the buffers of relay streams.
///
/// All of it is ephemeral: it ends with its term, and may be lost with the store. Duties: nothing is seen after its
/// term; of several who take one value, one gets it; items of a buffer are numbered 1, 2, 3… and the oldest go first.
package protocol HandoverStore: Sendable {
    func put(_ bytes: [UInt8], at key: HandoverKey, for term: Duration) async throws(StoreError)
    /// Puts only where nothing is; false when something was there.
    func putIfAbsent(_ bytes: [UInt8], at key: HandoverKey, for term: Duration) async throws(StoreError) -> Bool
    func load(_ key: HandoverKey) async throws(StoreError) -> [UInt8]?
    /// Loads and removes, in one step.
    func take(_ key: HandoverKey) async throws(StoreError) -> [UInt8]?
    /// Adds an item to a buffer of at most `limit` items, and gives the whole buffer a new term; the item's number.
    func append(
        _ item: [UInt8], to key: HandoverKey, limit: Int, for term: Duration
    ) async throws(StoreError) -> Int
    /// Items after a number that are still kept, oldest first.
    func items(of key: HandoverKey, after number: Int, limit: Int) async throws(StoreError) -> [HandoverItem]
}

package struct HandoverItem: Sendable, Equatable {
    package let number: Int
    package let bytes: [UInt8]

    package init(number: Int, bytes: [UInt8]) {
        self.number = number
        self.bytes = bytes
    }
}

/// What a value is for, and its name there: 1–256 bytes each.
package struct HandoverKey: Hashable, Sendable {
    package let kind: String
    package let name: String

    package init(kind: String, name: String) {
        precondition((1...256).contains(kind.utf8.count) && (1...256).contains(name.utf8.count), "names are short")
        self.kind = kind
        self.name = name
    }
}
