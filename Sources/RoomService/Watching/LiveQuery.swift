import RoomCore
import WireMessages

/// One distinct live query of a room, shared by all who watch it: a change is judged once, however many they are.
final class LiveQuery {
    let filter: ModelFilter
    /// Who watches it.
    fileprivate(set) var watchers = 0
    private var last: (revision: Revision, verdict: SearchVerdict)?

    init(_ filter: ModelFilter) { self.filter = filter }

    func verdict(on change: Change) -> SearchVerdict {
        if let last, last.revision == change.revision { return last.verdict }
        let verdict = filter.verdict(on: change)
        last = (change.revision, verdict)
        return verdict
    }
}

/// The live queries of a room, by what they ask.
struct LiveQueryTable {
    private var queries: [ModelFilter: LiveQuery] = [:]

    var count: Int { queries.count }

    /// The query of a filter for one more watcher; nil for a filter without one.
    mutating func join(_ filter: ModelFilter) -> LiveQuery? {
        guard filter.query != nil else { return nil }
        let query = queries[filter] ?? LiveQuery(filter)
        queries[filter] = query
        query.watchers += 1
        return query
    }

    mutating func leave(_ query: LiveQuery?) {
        guard let query else { return }
        query.watchers -= 1
        if query.watchers == 0 { queries[query.filter] = nil }
    }
}

/// What one change is told by to the watchers of live queries: a frame per verdict, however many queries come to it.
struct MatchedFrames {
    private var frames: [(verdict: SearchVerdict, frame: [UInt8])] = []

    mutating func frame(_ verdict: SearchVerdict, _ make: () -> [UInt8]) -> [UInt8] {
        if let known = frames.first(where: { $0.verdict == verdict }) { return known.frame }
        let frame = make()
        frames.append((verdict, frame))
        return frame
    }
}
