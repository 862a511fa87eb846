/// For how long an issuer's documents are kept.
package struct IssuerPatience: Sendable {
    /// A copy older than this is fetched anew before it is used.
    package var freshFor = Duration.seconds(600)
    /// A copy is used for so long while the issuer is away, and no longer: its keys may have been withdrawn meanwhile.
    package var usableFor = Duration.seconds(86_400)
    /// Between one fetch and the next, whatever tokens come.
    package var pause = Duration.seconds(10)
    package var answer = Duration.seconds(5)

    package init() {}
}

/// A document of an issuer's: fetched when somebody needs it, by one at a time, and kept.
///
/// Once a fetch was lost, nobody waits for the issuer while a copy is usable: it is asked beside, and the next fetch that
/// succeeds ends that.
actor KeptDocument<Document: Sendable> {
    struct Copy: Sendable {
        let document: Document
        /// Goes up with each copy.
        let number: Int
        fileprivate let fetchedAt: Duration
    }

    private let patience: IssuerPatience
    private let elapsed: @Sendable () -> Duration
    /// Nil when it could not be had.
    private let fetch: @Sendable () async -> Document?
    private var held: Copy?
    private var attemptedAt: Duration?
    private var underWay: Task<Void, Never>?
    /// The last fetch that ended brought nothing.
    private var isLost = false

    init(
        _ patience: IssuerPatience, elapsed: @escaping @Sendable () -> Duration,
        fetch: @escaping @Sendable () async -> Document?
    ) {
        self.patience = patience
        self.elapsed = elapsed
        self.fetch = fetch
    }

    /// A copy that is fresh or, while a fresh one cannot be had, still usable; nil when there is none.
    func copy() async -> Copy? {
        if let held, elapsed() - held.fetchedAt < patience.freshFor { return held }
        if isLost, let usable {
            begin()
            return usable
        }
        await refresh()
        return usable
    }

    private var usable: Copy? {
        guard let held, elapsed() - held.fetchedAt < patience.usableFor else { return nil }
        return held
    }

    /// What came after a copy in which something was not found; the same copy when it is too early to ask again.
    ///
    /// Nil when the issuer was asked and did not answer, so that nothing is known.
    func copy(after old: Copy) async -> Copy? {
        if let held, held.number > old.number { return held }
        await refresh()
        return isLost ? nil : held
    }

    /// Everyone who comes while it is fetched waits for the one fetch, unless the fetch before it was lost: then the
    /// issuer may hang, and only who began the fetch waits.
    private func refresh() async {
        if let underWay {
            if !isLost { await underWay.value }
            return
        }
        await begin()?.value
    }

    /// Fetches, if nobody does and the pause is over.
    @discardableResult
    private func begin() -> Task<Void, Never>? {
        guard underWay == nil else { return nil }
        let moment = elapsed()
        if let attemptedAt, moment - attemptedAt < patience.pause { return nil }
        attemptedAt = moment
        let task = Task { settle(await fetch(), since: moment) }
        underWay = task
        return task
    }

    private func settle(_ document: Document?, since moment: Duration) {
        underWay = nil
        isLost = document == nil
        guard let document else { return }
        held = Copy(document: document, number: (held?.number ?? 0) + 1, fetchedAt: moment)
    }
}
