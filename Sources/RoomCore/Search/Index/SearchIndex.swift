/// What makes a search in a large manifest quick: for texts, which models have each; for numbers and times, the models in
/// their order. Kept beside the manifest, not in it, since whoever keeps a manifest as it was must not copy this too.
///
/// A field is indexed when a query first asks about it, and from then on each change moves what it touched. An index that
/// missed a change notices it by the revision and begins anew.
package struct SearchIndex: Sendable {
    /// Fields indexed at once; one more takes the place of the one unused for longest.
    static let maxFields = 48

    private var epoch: Epoch?
    private var revision = Revision.zero
    private(set) var entries: [ModelEntry] = []
    private var slots: [ModelID: Int32] = [:]
    private(set) var postings: [TextPostings] = []
    private(set) var columns: [NumberColumn] = []
    private var fields = FieldTable()

    package init() {}

    /// Follows a change that was applied to the manifest.
    package mutating func apply(_ change: Change, in epoch: Epoch) {
        guard self.epoch != nil else { return }
        guard self.epoch == epoch, change.revision == revision.successor else { return self = SearchIndex() }
        if let other = change.other { put(other) }
        put(change.after)
        revision = change.revision
    }

    private mutating func put(_ entry: ModelEntry) {
        let slot = slots[entry.model.id] ?? Int32(entries.count)
        let old = Int(slot) < entries.count ? entries[Int(slot)] : nil
        if old == nil {
            entries.append(entry)
            slots[entry.model.id] = slot
        } else {
            entries[Int(slot)] = entry
        }
        for (index, field) in fields.texts.enumerated() {
            postings[index].move(from: old.map(field.texts) ?? [], to: field.texts(in: entry), at: slot)
        }
        for (index, field) in fields.numbers.enumerated() {
            columns[index].move(from: old.map(field.numbers) ?? [], to: field.numbers(in: entry), at: slot)
            if columns[index].isWorn { columns[index] = column(of: field) }
        }
    }

    /// Stands where the manifest stands.
    mutating func follow(_ manifest: Manifest) {
        guard epoch != manifest.epoch || revision != manifest.revision else { return }
        self = SearchIndex()
        epoch = manifest.epoch
        revision = manifest.revision
        entries.reserveCapacity(manifest.models.count)
        for id in manifest.byPublication {
            guard let entry = manifest.models[id] else { continue }
            slots[id] = Int32(entries.count)
            entries.append(entry)
        }
    }
}

// MARK: - Fields

extension SearchIndex {
    /// What is asked for from here on keeps its place until this is called again.
    mutating func beginPlan() { fields.beginPlan() }

    /// The index of a field's texts, made when there is none; nil when one plan asks about too many fields.
    mutating func textIndex(of field: SearchField) -> Int? {
        if let known = fields.place(of: field, isText: true) { return known }
        guard let place = fields.add(field, isText: true) else { return nil }
        var new = TextPostings()
        for (slot, entry) in entries.enumerated() { new.add(field.texts(in: entry), at: Int32(slot)) }
        if place == postings.count { postings.append(new) } else { postings[place] = new }
        return place
    }

    /// The index of a field's numbers or times, likewise.
    mutating func numberIndex(of field: SearchField) -> Int? {
        if let known = fields.place(of: field, isText: false) { return known }
        guard let place = fields.add(field, isText: false) else { return nil }
        let new = column(of: field)
        if place == columns.count { columns.append(new) } else { columns[place] = new }
        return place
    }

    private func column(of field: SearchField) -> NumberColumn {
        NumberColumn(entries.lazy.map { field.numbers(in: $0) })
    }
}

/// Which fields are indexed, and when each was last asked about.
private struct FieldTable: Sendable {
    private(set) var texts: [SearchField] = []
    private(set) var numbers: [SearchField] = []
    private var places: [Key: (place: Int, use: Int)] = [:]
    private var uses = 0
    /// Places used after this belong to the plan that is being made.
    private var usesBeforePlan = 0

    struct Key: Hashable, Sendable {
        let field: SearchField
        let isText: Bool
    }

    mutating func beginPlan() { usesBeforePlan = uses }

    mutating func place(of field: SearchField, isText: Bool) -> Int? {
        let key = Key(field: field, isText: isText)
        guard let place = places[key]?.place else { return nil }
        uses += 1
        places[key] = (place, uses)
        return place
    }

    /// A place for a field that has none: a new one, or that of the field of its kind unused for longest.
    mutating func add(_ field: SearchField, isText: Bool) -> Int? {
        uses += 1
        let count = isText ? texts.count : numbers.count
        guard count >= SearchIndex.maxFields / 2 else {
            if isText { texts.append(field) } else { numbers.append(field) }
            places[Key(field: field, isText: isText)] = (count, uses)
            return count
        }
        guard let oldest = places.filter({ $0.key.isText == isText }).min(by: { $0.value.use < $1.value.use }),
            oldest.value.use <= usesBeforePlan
        else { return nil }
        places[oldest.key] = nil
        places[Key(field: field, isText: isText)] = (oldest.value.place, uses)
        if isText { texts[oldest.value.place] = field } else { numbers[oldest.value.place] = field }
        return oldest.value.place
    }
}

extension SearchField {
    private static let nobody = WorkerPresence()

    fileprivate func texts(in entry: ModelEntry) -> [String] {
        var texts: [String] = []
        _ = contains(in: entry, Self.nobody) { value in
            if case .text(let text) = value { texts.append(text) }
            return false
        }
        return texts
    }

    fileprivate func numbers(in entry: ModelEntry) -> [Double] {
        var numbers: [Double] = []
        _ = contains(in: entry, Self.nobody) { value in
            if let key = value.sortKey { numbers.append(key) }
            return false
        }
        return numbers
    }
}
