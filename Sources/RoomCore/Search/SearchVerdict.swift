/// What a change did to the result of a live query.
package enum SearchMatch: String, Hashable, Sendable {
    case entered, changed, left

    fileprivate init?(before: Bool, after: Bool) {
        switch (before, after) {
        case (false, true): self = .entered
        case (true, true): self = .changed
        case (true, false): self = .left
        case (false, false): return nil
        }
    }
}

/// What a change did to a result by its subject, and by the model that lost an alias to it; nil where that is in the
/// result neither before nor after.
package struct SearchVerdict: Hashable, Sendable {
    package let subject: SearchMatch?
    package let other: SearchMatch?

    package init(subject: SearchMatch?, other: SearchMatch?) {
        self.subject = subject
        self.other = other
    }

    package var isConcern: Bool { subject != nil || other != nil }
}

extension ModelFilter {
    /// The verdict on a change, by nothing but the change: it is the same whenever and wherever it is asked for.
    package func verdict(on change: Change) -> SearchVerdict {
        let nobody = WorkerPresence()
        func has(_ entry: ModelEntry?) -> Bool { entry.map { matches($0, presence: nobody) } ?? false }
        return SearchVerdict(
            subject: SearchMatch(before: has(change.before), after: has(change.after)),
            other: change.loss.flatMap { SearchMatch(before: has($0.before), after: has($0.after)) })
    }
}

extension Change {
    /// What it did to the model that lost an alias to its subject, told as a change of that model.
    package var loss: Change? {
        guard let other, let alias else { return nil }
        var before = other.model
        before.aliases.append(alias)
        return Change(
            revision: revision, at: at, actor: actor, kind: .unaliased, alias: alias, reason: reason,
            before: ModelEntry(before), after: other)
    }
}
