import JSONWire

/// Which peers a discovery is about. Groups that are absent do not restrict; a value of another type never matches.
package struct PeerFilter: Sendable, Equatable {
    package var role: String?
    /// Any of these.
    package var tags: [String] = []
    package var properties: JSONObject = [:]
    /// A group of another type than it can have is met by nobody.
    private var isUnmeetable = false

    package init() {}

    /// Reads what it knows and passes over the rest: clients send more keys than were ever filtered by.
    package init(_ object: JSONObject) {
        role = read(object["role"], \.stringValue)
        tags = read(object["tags"], \.arrayValue)?.compactMap(\.stringValue) ?? []
        properties = read(object["properties"], \.objectValue) ?? [:]
        // A list without a single text is no empty list.
        if tags.isEmpty, object["tags"]?.arrayValue?.isEmpty == false { isUnmeetable = true }
    }

    /// The `filters` of a message, whatever it is.
    package init(filters: JSONValue?) {
        self.init(filters?.objectValue ?? [:])
        if let filters, !filters.isNull, filters.objectValue == nil { isUnmeetable = true }
    }

    private mutating func read<T>(_ value: JSONValue?, _ typed: (JSONValue) -> T?) -> T? {
        guard let value, !value.isNull else { return nil }
        let read = typed(value)
        if read == nil { isUnmeetable = true }
        return read
    }

    package func matches(role peerRole: PeerRole, _ metadata: PeerMetadata) -> Bool {
        guard !isUnmeetable else { return false }
        if let role, role != peerRole.rawValue { return false }
        if !tags.isEmpty {
            let theirs = metadata.tags
            guard tags.contains(where: theirs.contains) else { return false }
        }
        guard !properties.isEmpty else { return true }
        let theirs = metadata.properties
        return properties.allSatisfy { name, wanted in Self.holds(wanted, for: theirs[name]) }
    }

    private static func holds(_ wanted: JSONValue, for value: JSONValue?) -> Bool {
        guard let comparisons = wanted.objectValue, comparisons.keys.contains(where: { $0.hasPrefix("$") }) else {
            return value == wanted
        }
        return comparisons.allSatisfy { name, bound in
            guard let value else { return false }
            return switch name {
            case "$eq": value == bound
            case "$gte": atLeast(value, bound)
            case "$lte": atLeast(bound, value)
            default: false
            }
        }
    }

    private static func atLeast(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let left = left.doubleValue, let right = right.doubleValue { return left >= right }
        if let left = left.stringValue, let right = right.stringValue { return left >= right }
        return false
    }
}
