import RoomCore

/// Other servers that write to the same room, as far as this one has noticed, so that they take turns.
struct RivalServers {
    private var wroteAt: ContinuousClock.Instant?
    private var ours: Revision?
    /// How long this server's last commit took, within bounds: about what another's takes.
    private(set) var turn = Duration.zero

    /// One of them wrote just now.
    mutating func wrote() { wroteAt = .now }

    mutating func committed(_ revision: Revision, in duration: Duration) {
        ours = revision
        turn = min(duration, .milliseconds(25))
    }

    /// Whether one of them is likely to want to write after a revision: this server wrote that, and one of them wrote
    /// within the last second.
    func write(after revision: Revision) -> Bool {
        guard let wroteAt, ours == revision else { return false }
        return wroteAt.duration(to: .now) < .seconds(1)
    }
}
