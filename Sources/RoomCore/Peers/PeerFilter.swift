import JSONWire

/// Which peers a discovery is about. Groups that are absent do not restrict; a value of another type never matches.
package struct PeerFilter: Sendable, Equatable {
    package var role: String?
    /// Any of these.
    package var tags: [String] = []
    package var properties: JSONObject = [:]

    package init() {}

    /// Reads what it knows and passes over the rest: clients send more keys than were ever filtered by.
    package init(_ object: JSONObject) {
        role = object["role"]?.stringValue
        tags = object["tags"]?.arrayValue?.compactMap(\.stringValue) ?? []
        properties = object["properties"]?.objectValue ?? [:]
    }

    package func matches(role peerRole: PeerRole, _ metadata: PeerMetadata) -> Bool {
        if let role, role != peerRole.rawValue { return false }
        if !tags.isEmpty {
            let theirs = metadata.tags
            guard tags.contains(where: theirs.contains) else { return false }
        }
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
