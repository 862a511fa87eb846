import JSONWire

/// Which models a list or a subscription is about. What is nil does not restrict.
package struct ModelFilter: Sendable, Hashable {
    package var status: ModelStatus?
    package var type: ModelType?
    /// All of these.
    package var tags: [String] = []
    package var name: String?
    package var alias: Alias?
    package var trainedBy: String?
    /// Holds a copy, online or not.
    package var worker: WorkerName?
    /// Whether a worker that holds a copy is online.
    package var available: Bool?
    package var stored: Bool?
    /// Lowercased; found anywhere in id, name, aliases, tags, notes, type or trainer.
    package var text: String?
    package var parentID: ModelID?
    package var includeDeleted = false
    package var metrics: [MetricBound] = []
    /// A query in the filter language, that has to hold as well.
    package var query: SearchQuery?

    package init() {}

    /// Nothing restricts: every live model matches.
    package var isOpen: Bool { self == ModelFilter() }

    package func matches(_ entry: ModelEntry, presence: WorkerPresence) -> Bool {
        (includeDeleted || entry.model.deletedAt == nil || query?.asksForWithdrawn == true)
            && (status == nil || entry.model.status == status)
            && (type == nil || entry.model.type == type)
            && (name == nil || entry.model.name == name)
            && (trainedBy == nil || entry.model.trainedBy == trainedBy)
            && (parentID == nil || entry.model.parentID == parentID)
            && tags.allSatisfy(entry.model.tags.contains)
            && (alias.map { entry.model.aliases.contains($0) } ?? true)
            && (stored.map { $0 == (entry.model.storage.state == .stored) } ?? true)
            && (worker.map { worker in entry.model.copies.contains { $0.worker == worker } } ?? true)
            && (available.map { $0 == entry.model.copies.contains { presence.isOnline($0.worker) } } ?? true)
            && metrics.allSatisfy { $0.holds(in: entry.model) }
            && (text.map { Self.mentions($0, in: entry.model) } ?? true)
            && (query.map { $0.matches(entry, presence: presence) } ?? true)
    }

    private static func mentions(_ text: String, in model: Model) -> Bool {
        func has(_ field: String?) -> Bool { field.map { $0.lowercased().contains(text) } ?? false }
        return has(model.id.text) || has(model.name) || has(model.notes) || has(model.trainedBy)
            || has(model.type?.rawValue) || model.aliases.contains { has($0.text) } || model.tags.contains { has($0) }
    }
}

/// One comparison of a metric, as in `{"val_loss": {"$lt": 0.05}}`. A model without the metric does not match.
package struct MetricBound: Sendable, Hashable {
    package enum Comparison: String, Sendable, CaseIterable {
        case less = "$lt"
        case lessOrEqual = "$lte"
        case greater = "$gt"
        case greaterOrEqual = "$gte"
        case equal = "$eq"
    }

    package let metric: String
    package let comparison: Comparison
    package let bound: Double

    func holds(in model: Model) -> Bool {
        guard let value = model.metrics[metric]?.doubleValue else { return false }
        return switch comparison {
        case .less: value < bound
        case .lessOrEqual: value <= bound
        case .greater: value > bound
        case .greaterOrEqual: value >= bound
        case .equal: value == bound
        }
    }
}

// MARK: - Decoding

extension ModelFilter {
    package init(_ reader: FieldReader) throws(FieldFault) {
        status = try reader.choice("status")
        type = try reader.choice("model_type")
        tags = try reader.strings("tags", maxCount: EntryLimits.tags, rule: Tag.rule, Tag.isValid) ?? []
        name = try reader.string("name", maxBytes: EntryLimits.nameBytes)
        alias = try reader.name("alias")
        trainedBy = try reader.string("trained_by", maxBytes: EntryLimits.trainerBytes)
        worker = try reader.name("worker")
        available = try reader.bool("available")
        stored = try reader.bool("stored")
        text = try reader.string("text", maxBytes: 200)?.lowercased()
        parentID = try reader.name("parent_id")
        includeDeleted = try reader.bool("include_deleted") ?? false
        guard let bounds = try reader.object("metrics") else { return }
        guard bounds.count <= 32 else { throw FieldFault(reader.path("metrics"), "holds at most 32 metrics") }
        for (metric, value) in bounds { metrics += try Self.bounds(on: metric, value, at: reader.path("metrics")) }
    }

    private static func bounds(
        on metric: String, _ value: JSONValue, at path: String
    ) throws(FieldFault) -> [MetricBound] {
        guard let comparisons = value.objectValue else {
            throw FieldFault("\(path).\(metric)", "must be an object such as {\"$lt\": 0.05}")
        }
        var bounds: [MetricBound] = []
        for (name, bound) in comparisons {
            guard let comparison = MetricBound.Comparison(rawValue: name) else {
                throw FieldFault("\(path).\(metric)", "knows $lt, $lte, $gt, $gte and $eq, not \(name.prefix(32))")
            }
            guard let bound = bound.doubleValue else {
                throw FieldFault("\(path).\(metric).\(name)", "must be a number")
            }
            bounds.append(MetricBound(metric: metric, comparison: comparison, bound: bound))
        }
        return bounds
    }
}
