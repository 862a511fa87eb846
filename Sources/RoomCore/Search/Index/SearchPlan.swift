/// Where the answers of a query are to be found: never fewer models than match, mostly few more.
indirect enum SearchPlan {
    /// No index helps: every model is looked at.
    case everything
    case list(Slots)
    /// A range of one of the index's columns.
    case range(column: Int, ClosedRange<Double>, count: Int)
    case any([SearchPlan])
    case all([SearchPlan])

    /// An upper bound on the models; nil for all of them.
    var count: Int? {
        switch self {
        case .everything: nil
        case .list(let slots): slots.count
        case .range(_, _, let count): count
        case .any(let parts): parts.reduce(0) { $0 + ($1.count ?? 0) }
        case .all(let parts): parts.compactMap(\.count).min()
        }
    }

    /// What is in all of the parts; parts that do not help are left out.
    static func both(_ parts: [SearchPlan]) -> SearchPlan {
        let useful = parts.filter { $0.count != nil }
        return useful.isEmpty ? .everything : useful.count == 1 ? useful[0] : .all(useful)
    }

    /// What is in any of the parts; one that does not help spoils all.
    static func either(_ parts: [SearchPlan]) -> SearchPlan {
        parts.contains { $0.count == nil } ? .everything : parts.count == 1 ? parts[0] : .any(parts)
    }
}
