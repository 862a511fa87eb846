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
        await refresh()
        guard let held, elapsed() - held.fetchedAt < patience.usableFor else { return nil }
        return held
    }

    /// What came after a copy in which something was not found; the same copy when it is too early to ask again.
    ///
    /// Nil when the issuer was asked and did not answer, so that nothing is known.
    func copy(after old: Copy) async -> Copy? {
        if let held, held.number > old.number { return held }
        await refresh()
        guard let held else { return nil }
        return isAttemptLost ? nil : held
    }

    private var isAttemptLost: Bool {
        guard let held, let attemptedAt else { return true }
        return attemptedAt > held.fetchedAt
    }

    /// Everyone who comes while it is fetched waits for the one fetch.
    private func refresh() async {
        if let underWay { return await underWay.value }
        if let attemptedAt, elapsed() - attemptedAt < patience.pause { return }
        let moment = elapsed()
        attemptedAt = moment
        let task = Task {
            if let document = await fetch() { keep(document, since: moment) }
            underWay = nil
        }
        underWay = task
        await task.value
    }

    private func keep(_ document: Document, since moment: Duration) {
        held = Copy(document: document, number: (held?.number ?? 0) + 1, fetchedAt: moment)
    }
}
