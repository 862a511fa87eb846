import JSONWire

/// What a peer tells the others of itself: `{"tags": […], "properties": {…}}` and whatever else it sends.
///
/// `tags` is always a list and `properties` always an object where they stand, since clients read them without asking.
package struct PeerMetadata: Sendable, Equatable {
    package static let maxBytes = 64 * 1024

    package private(set) var object: JSONObject

    /// Leaves out `tags` and `properties` of another type.
    package init(_ object: JSONObject = [:]) {
        self.object = object
        for key in ["tags", "properties"] {
            if let value = object[key], !Self.fits(key, value) { self.object[key] = nil }
        }
    }

    package var tags: [String] { object["tags"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    package var properties: JSONObject { object["properties"]?.objectValue ?? [:] }
    package var workerName: WorkerName? { properties["worker_name"]?.stringValue.flatMap(WorkerName.init) }
    package var status: String? { properties["status"]?.stringValue }

    private static func fits(_ key: String, _ value: JSONValue) -> Bool {
        switch key {
        case "tags": value.arrayValue != nil
        case "properties": value.objectValue != nil
        default: true
        }
    }

    /// Folds in an update: tags are united, properties overlaid, other members replaced; what is not named stays.
    package func merging(_ update: JSONObject, removing tags: [String] = []) -> PeerMetadata {
        var merged = overlaid(by: update)
        let old = object["tags"]?.arrayValue ?? []
        let new = update["tags"]?.arrayValue ?? []
        guard !old.isEmpty || !new.isEmpty || object["tags"] != nil else { return merged }
        merged.object["tags"] = .array(
            (old + new.filter { !old.contains($0) }).filter { tag in !tags.contains { .string($0) == tag } })
        return merged
    }

    /// What a peer that registers again is known by: what it names counts anew, tags as a whole and properties one by
    /// one; what it leaves out stays.
    package func overlaid(by update: JSONObject) -> PeerMetadata {
        var merged = object
        for (key, value) in update where Self.fits(key, value) {
            guard key == "properties", let new = value.objectValue else {
                merged[key] = value
                continue
            }
            var properties = merged["properties"]?.objectValue ?? [:]
            for (name, property) in new { properties[name] = property }
            merged["properties"] = .object(properties)
        }
        return PeerMetadata(merged)
    }

    /// The same with one member more, or without it.
    package func with(_ key: String, _ value: JSONValue?) -> PeerMetadata {
        var changed = object
        changed[key] = value
        return PeerMetadata(changed)
    }

    /// The same with one property changed.
    package func with(property name: String, _ value: JSONValue) -> PeerMetadata {
        var properties = properties
        properties[name] = value
        return with("properties", .object(properties))
    }

    /// The same with `properties` always there: clients read it without asking.
    package func withProperties() -> PeerMetadata {
        object["properties"] == nil ? with("properties", [:]) : self
    }

    package var encoded: [UInt8] { JSONValue.object(object).encoded() }

    /// Whether it may be kept, however it came together.
    package var isWithinBounds: Bool { encoded.count <= Self.maxBytes }
}
