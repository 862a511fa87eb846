/// What a query comes to: a tree of tests on one model.
package indirect enum SearchExpression: Sendable {
    case all([SearchExpression])
    case any([SearchExpression])
    case not(SearchExpression)
    case test(SearchTest)

    func matches(_ entry: ModelEntry, _ presence: WorkerPresence) -> Bool {
        switch self {
        case .all(let parts): parts.allSatisfy { $0.matches(entry, presence) }
        case .any(let parts): parts.contains { $0.matches(entry, presence) }
        case .not(let part): !part.matches(entry, presence)
        case .test(let test): test.holds(for: entry, presence)
        }
    }

    /// Every test in the tree, in the order it was written.
    var tests: [SearchTest] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.tests)
        case .not(let part): part.tests
        case .test(let test): [test]
        }
    }
}

/// One comparison of one field. An object, since it is looked at for every model that is.
package final class SearchTest: Sendable {
    enum Comparison: Hashable, Sendable {
        case equal(SearchValue)
        case less(SearchValue), lessOrEqual(SearchValue), greater(SearchValue), greaterOrEqual(SearchValue)
        case oneOf([SearchValue])
        case like(SearchGlob)
        case exists
    }

    let field: SearchField
    let comparison: Comparison
    /// The column where the field was written.
    let position: Int

    init(field: SearchField, comparison: Comparison, position: Int) {
        self.field = field
        self.comparison = comparison
        self.position = position
    }

    func holds(for entry: ModelEntry, _ presence: WorkerPresence) -> Bool {
        if case .exists = comparison { return field.exists(in: entry, presence) }
        return field.contains(in: entry, presence, where: holds)
    }

    private func holds(_ value: SearchValue) -> Bool {
        switch comparison {
        case .equal(let asked): value.equals(asked)
        case .less(let asked): value.precedes(asked) == true
        case .lessOrEqual(let asked): value.precedes(asked) == true || value.equals(asked)
        case .greater(let asked): value.precedes(asked) == false && !value.equals(asked)
        case .greaterOrEqual(let asked): value.precedes(asked) == false
        case .oneOf(let asked): asked.contains { value.equals($0) }
        case .like(let glob): if case .text(let text) = value { glob.matches(text) } else { false }
        case .exists: true
        }
    }
}
