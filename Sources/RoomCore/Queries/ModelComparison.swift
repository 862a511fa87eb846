import JSONWire

/// Models side by side: the fields in which they differ, and the best of each metric.
package struct ModelComparison: Sendable {
    package let entries: [ModelEntry]
    /// Field path → value per model, in the order asked; null where a model lacks the field.
    package let differences: [(path: String, values: [JSONValue])]
    /// Metric → the model with the best value.
    package let best: [(metric: String, model: ModelID)]

    package init(_ entries: [ModelEntry]) {
        self.entries = entries
        let flat = entries.map { Self.flatten($0) }
        var paths: [String] = []
        var known: Set<String> = []
        for (path, _) in flat.joined() where known.insert(path).inserted { paths.append(path) }
        let tables = flat.map { Dictionary($0, uniquingKeysWith: { first, _ in first }) }
        differences = paths.compactMap { path in
            let values = tables.map { $0[path] ?? .null }
            return values.dropFirst().allSatisfy { $0 == values[0] } ? nil : (path, values)
        }
        best = Self.best(of: entries.map(\.model))
    }

    /// What says nothing about how models differ: their names in the room and the counters.
    private static let passedOver: Set<String> = [
        "id", "revision", "created_revision", "published_at", "alias", "files",
    ]

    private static func flatten(_ entry: ModelEntry) -> [(String, JSONValue)] {
        let object = (try? JSONValue.parse(entry.encodedOpen + [UInt8(ascii: "}")], maxDepth: 80))?.objectValue ?? [:]
        var fields: [(String, JSONValue)] = []
        for (key, value) in object where !passedOver.contains(key) { flatten(value, at: key, into: &fields) }
        return fields
    }

    private static func flatten(_ value: JSONValue, at path: String, into fields: inout [(String, JSONValue)]) {
        guard let object = value.objectValue else {
            fields.append((path, value))
            return
        }
        for (key, member) in object { flatten(member, at: "\(path).\(key)", into: &fields) }
    }

    private static func best(of models: [Model]) -> [(metric: String, model: ModelID)] {
        let names = Set(models.flatMap { $0.metrics.keys }).sorted()
        return names.compactMap { name in
            let scored = models.compactMap { model in
                model.metrics[name]?.doubleValue.map { (value: $0, id: model.id) }
            }
            let best =
                smallerIsBetter(name)
                ? scored.min { $0.value < $1.value } : scored.max { $0.value < $1.value }
            return best.map { (name, $0.id) }
        }
    }

    /// Losses, errors, distances and times are better small; scores are better large.
    private static func smallerIsBetter(_ metric: String) -> Bool {
        let name = metric.lowercased()
        let words = name.split { !$0.isLetter }
        // "fp" and "fn" count mistakes, "fps" does not.
        return words.contains("fp") || words.contains("fn")
            || ["loss", "err", "dist", "mse", "mae", "duration", "time"].contains { name.contains($0) }
    }
}
