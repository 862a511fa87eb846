import JSONWire

/// What a peer tells the others of itself: `{"tags": […], "properties": {…}}` and whatever else it sends.
package struct PeerMetadata: Sendable, Equatable {
    package static let maxBytes = 64 * 1024

    package private(set) var object: JSONObject

    package init(_ object: JSONObject = [:]) { self.object = object }

    package var tags: [String] { object["tags"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    package var properties: JSONObject { object["properties"]?.objectValue ?? [:] }
    package var workerName: WorkerName? { properties["worker_name"]?.stringValue.flatMap(WorkerName.init) }

    /// Folds in an update: tags are united, properties overlaid, other members replaced; what is not named stays.
    package func merging(_ update: JSONObject) -> PeerMetadata {
        var merged = object
        for (key, value) in update {
            switch (key, value) {
            case ("tags", .array(let new)):
                let old = merged["tags"]?.arrayValue ?? []
                merged["tags"] = .array(old + new.filter { !old.contains($0) })
            case ("properties", .object(let new)):
                var properties = merged["properties"]?.objectValue ?? [:]
                for (name, property) in new { properties[name] = property }
                merged["properties"] = .object(properties)
            default:
                merged[key] = value
            }
        }
        return PeerMetadata(merged)
    }

    /// The same with `properties` always there: clients read it without asking.
    package func withProperties() -> PeerMetadata {
        guard object["properties"]?.objectValue == nil else { return self }
        var complete = object
        complete["properties"] = [:]
        return PeerMetadata(complete)
    }
}
