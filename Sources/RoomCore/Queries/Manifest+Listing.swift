/// A page of a list.
package struct ModelPage: Sendable {
    package let entries: [ModelEntry]
    /// All that match, over all pages.
    package let count: Int
    package let next: PageCursor?
}

package struct ListQuery: Sendable {
    package var filter = ModelFilter()
    package var order = ModelOrder.newestFirst
    package var limit = 100
    package var cursor: PageCursor?

    package init() {}
}

extension Manifest {
    /// The entries that match, in order, at most `query.limit` of them and about `maxBytes` encoded.
    /// - Parameter index: follows this manifest, and is asked where else every model would be.
    package func list(
        _ query: ListQuery, presence: WorkerPresence, maxBytes: Int, by index: inout SearchIndex
    ) -> ModelPage {
        if query.order == .newestFirst, query.filter.isOpen { return newest(query, maxBytes: maxBytes) }
        guard let candidates = index.candidates(for: query.filter, in: self, presence: presence) else {
            return list(query, among: models.values, presence: presence, maxBytes: maxBytes)
        }
        return list(query, among: candidates, presence: presence, maxBytes: maxBytes)
    }

    /// The same by looking at every model.
    package func list(_ query: ListQuery, presence: WorkerPresence, maxBytes: Int) -> ModelPage {
        if query.order == .newestFirst, query.filter.isOpen { return newest(query, maxBytes: maxBytes) }
        return list(query, among: models.values, presence: presence, maxBytes: maxBytes)
    }

    /// The entries that match, in the order of their publication.
    package func matching(
        _ filter: ModelFilter, presence: WorkerPresence, by index: inout SearchIndex
    ) -> [ModelEntry] {
        guard let candidates = index.candidates(for: filter, in: self, presence: presence) else {
            return byPublication.compactMap { models[$0] }.filter { filter.matches($0, presence: presence) }
        }
        return candidates.filter { filter.matches($0, presence: presence) }
            .sorted { ($0.model.publishedAt, $0.model.id) < ($1.model.publishedAt, $1.model.id) }
    }

    private func list(
        _ query: ListQuery, among entries: some Sequence<ModelEntry>, presence: WorkerPresence, maxBytes: Int
    ) -> ModelPage {
        var count = 0
        var found: [(rank: Rank, entry: ModelEntry)] = []
        for entry in entries where query.filter.matches(entry, presence: presence) {
            count += 1
            let rank = query.order.rank(of: entry.model)
            if let cursor = query.cursor, !query.order.precedes(cursor.rank, rank) { continue }
            found.append((rank, entry))
        }
        found.sort { query.order.precedes($0.rank, $1.rank) }
        return page(found.lazy.map(\.entry), of: count, query, maxBytes: maxBytes)
    }

    /// The default list reads the publication order backwards and touches only its page.
    private func newest(_ query: ListQuery, maxBytes: Int) -> ModelPage {
        var end = byPublication.endIndex
        if let rank = query.cursor?.rank {
            end = firstIndex(notBefore: rank)
        }
        let entries = byPublication[..<end].reversed().lazy
            .compactMap { models[$0] }
            .filter { !$0.model.isWithdrawn }
        return page(entries, of: liveCount, query, maxBytes: maxBytes)
    }

    /// The first place in the publication order that is not before a rank.
    private func firstIndex(notBefore rank: Rank) -> Int {
        let ascending = ModelOrder(key: .publishedAt, descending: false)
        var low = byPublication.startIndex
        var high = byPublication.endIndex
        while low < high {
            let middle = (low + high) / 2
            guard let model = models[byPublication[middle]]?.model else { return middle }
            if ascending.precedes(ascending.rank(of: model), rank) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func page(
        _ entries: some Sequence<ModelEntry>, of count: Int, _ query: ListQuery, maxBytes: Int
    ) -> ModelPage {
        var taken: [ModelEntry] = []
        var bytes = 0
        for entry in entries {
            let size = entry.encodedBound
            guard taken.count < query.limit, taken.isEmpty || bytes + size <= maxBytes else {
                let next = taken.last.map { PageCursor(order: query.order, after: $0.model) }
                return ModelPage(entries: taken, count: count, next: next)
            }
            taken.append(entry)
            bytes += size
        }
        return ModelPage(entries: taken, count: count, next: nil)
    }
}

extension ModelEntry {
    /// An upper bound on the encoded entry, copies and all.
    package var encodedBound: Int {
        encodedOpen.count + 64
            + model.copies.reduce(0) { $0 + 160 + 12 * $1.worker.text.utf8.count + 6 * ($1.path?.utf8.count ?? 0) }
    }
}
