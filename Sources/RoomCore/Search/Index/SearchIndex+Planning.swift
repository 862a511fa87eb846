/// The planner: which lists a filter is answered from.
extension SearchIndex {
    /// The entries among which all that match are; nil when every model has to be looked at.
    package mutating func candidates(
        for filter: ModelFilter, in manifest: Manifest, presence: WorkerPresence
    ) -> [ModelEntry]? {
        let parts = filter.searchable
        guard !parts.isEmpty else { return nil }
        follow(manifest)
        beginPlan()
        let found = both(parts, presence)
        // From about here on it is no slower to look at every model than to look each one up.
        guard let count = found.count, count < max(16, entries.count / 2) else { return nil }
        return slots(of: found).map { entries[Int($0)] }
    }

    private mutating func plan(_ expression: SearchExpression, _ presence: WorkerPresence) -> SearchPlan {
        switch expression {
        case .all(let parts): both(parts, presence)
        case .any(let parts): .either(parts.map { plan($0, presence) })
        case .not: .everything
        case .test(let test): plan(test, presence)
        }
    }

    /// What is in all of the parts; ranges of one column are one range, where no model has several values in it.
    private mutating func both(_ parts: [SearchExpression], _ presence: WorkerPresence) -> SearchPlan {
        var ranges: [Int: ClosedRange<Double>] = [:]
        var rest: [SearchPlan] = []
        for part in parts {
            let found = plan(part, presence)
            guard case .range(let column, let range, _) = found, !columns[column].holdsLists else {
                rest.append(found)
                continue
            }
            let before = ranges[column] ?? range
            let lower = max(before.lowerBound, range.lowerBound)
            let upper = min(before.upperBound, range.upperBound)
            guard lower <= upper else { return .list([]) }
            ranges[column] = lower...upper
        }
        let merged = ranges.map { column, range in
            SearchPlan.range(column: column, range, count: columns[column].count(in: range))
        }
        return .both(rest + merged)
    }

    private mutating func plan(_ test: SearchTest, _ presence: WorkerPresence) -> SearchPlan {
        switch test.field {
        case .entry(.available):
            guard test.comparison == .equal(.flag(true)) else { return .everything }
            return .either(presence.workersOnline.map { list(.entry(.copyWorker), $0.text) } + [.list([])])
        case .entry(.stored):
            guard test.comparison == .equal(.flag(true)) else { return .everything }
            return list(.entry(.storageState), ModelStorage.State.stored.rawValue)
        case .entry(.availableOnWorkers):
            return plan(test.comparison, of: .entry(.copyWorker))
        case .entry(let field) where !field.isIndexed:
            return .everything
        case .member(_, let path) where path.isEmpty:
            return .everything
        case .entry, .member:
            return plan(test.comparison, of: test.field)
        }
    }

    private mutating func plan(_ comparison: SearchTest.Comparison, of field: SearchField) -> SearchPlan {
        switch comparison {
        case .equal(let value): equal(field, value)
        case .oneOf(let values): .either(values.map { equal(field, $0) })
        case .less(let value), .lessOrEqual(let value): range(field, value) { -.infinity...$0 }
        case .greater(let value), .greaterOrEqual(let value): range(field, value) { $0...(.infinity) }
        case .like(let glob): texts(field, like: glob)
        // A free member may hold what no list has.
        case .exists where field.kind == .text: texts(field, like: nil)
        case .exists: .everything
        }
    }

    private mutating func equal(_ field: SearchField, _ value: SearchValue) -> SearchPlan {
        switch value {
        case .text(let text): list(field, text)
        case .number, .time: range(field, value) { $0...$0 }
        case .flag: .everything
        }
    }

    private mutating func list(_ field: SearchField, _ text: String) -> SearchPlan {
        guard let index = textIndex(of: field) else { return .everything }
        return .list(postings[index].lists[text] ?? [])
    }

    private mutating func range(
        _ field: SearchField, _ value: SearchValue, _ bounds: (Double) -> ClosedRange<Double>
    ) -> SearchPlan {
        // Texts have no column; and a free member that is asked for a time holds texts.
        guard let key = value.sortKey, field.kind != .free || value.isNumber, let column = numberIndex(of: field)
        else { return .everything }
        let range = bounds(key)
        return .range(column: column, range, count: columns[column].count(in: range))
    }

    private mutating func texts(_ field: SearchField, like glob: SearchGlob?) -> SearchPlan {
        if let literal = glob?.literal { return list(field, literal) }
        guard let index = textIndex(of: field) else { return .everything }
        let found = postings[index].lists.lazy.filter { glob?.matches($0.key) ?? true }.map {
            SearchPlan.list($0.value)
        }
        return .either(Array(found) + [.list([])])
    }
}

extension EntryField {
    /// What is long, is many to a model, or says nothing by itself is not worth an index.
    fileprivate var isIndexed: Bool {
        switch self {
        case .notes, .filePath, .fileSize, .fileDigest, .copyPath, .copyOnline, .copyLastSeen, .protected: false
        default: true
        }
    }
}

// MARK: - Carrying a plan out

extension SearchIndex {
    private func slots(of plan: SearchPlan) -> Slots {
        switch plan {
        case .everything:
            return Slots(0..<Int32(entries.count))
        case .list(let slots):
            return slots
        case .range(let column, let range, _):
            return columns[column].slots(in: range)
        case .any(let parts):
            var slots: Slots = []
            for part in parts { slots += self.slots(of: part) }
            slots.settle()
            return slots
        case .all(let parts):
            return intersection(of: parts)
        }
    }

    /// The smallest part, less what the others lack; a part far larger than what is left is not worth making, since
    /// each model is looked at afterwards.
    private func intersection(of parts: [SearchPlan]) -> Slots {
        let ordered = parts.sorted { ($0.count ?? .max) < ($1.count ?? .max) }
        guard let first = ordered.first else { return [] }
        var left = slots(of: first)
        for part in ordered.dropFirst() where !left.isEmpty {
            if case .list(let list) = part {
                left.removeAll { !list.has($0) }
            } else if let count = part.count, count <= 4 * left.count {
                let others = slots(of: part)
                left.removeAll { !others.has($0) }
            }
        }
        return left
    }
}

extension SearchValue {
    fileprivate var isNumber: Bool { if case .number = self { true } else { false } }
}

// MARK: - Filters

extension ModelFilter {
    /// What a list of this filter's answers could be found by: conditions that all have to hold.
    fileprivate var searchable: [SearchExpression] {
        var parts: [SearchExpression] = query.map { [$0.expression] } ?? []
        func ask(_ field: EntryField, _ text: String?) {
            guard let text else { return }
            parts.append(.test(SearchTest(field: .entry(field), comparison: .equal(.text(text)), position: 1)))
        }
        for tag in tags { ask(.tags, tag) }
        ask(.status, status?.rawValue)
        ask(.type, type?.rawValue)
        ask(.name, name)
        ask(.alias, alias?.text)
        ask(.trainedBy, trainedBy)
        ask(.parentID, parentID?.text)
        ask(.copyWorker, worker?.text)
        ask(.storageState, stored == true ? ModelStorage.State.stored.rawValue : nil)
        if available == true {
            let test = SearchTest(field: .entry(.available), comparison: .equal(.flag(true)), position: 1)
            parts.append(.test(test))
        }
        return parts + metrics.map(\.searchable)
    }
}

extension MetricBound {
    fileprivate var searchable: SearchExpression {
        let value = SearchValue.number(bound)
        let asked: SearchTest.Comparison =
            switch comparison {
            case .less: .less(value)
            case .lessOrEqual: .lessOrEqual(value)
            case .greater: .greater(value)
            case .greaterOrEqual: .greaterOrEqual(value)
            case .equal: .equal(value)
            }
        return .test(SearchTest(field: .member(.metrics, [metric]), comparison: asked, position: 1))
    }
}
