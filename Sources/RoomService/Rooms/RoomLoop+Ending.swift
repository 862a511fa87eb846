import RoomCore
import RoomStorage
import WireMessages

/// The end of a room that was made for a time.
///
///     10 minutes before     a worker at work puts it off by an hour, again and again
///     the end               nobody at work: all sockets are closed with their reason, and nobody comes in
///
/// A training that outlives its room would lose its peers, its place and its result without a word; so a room does not
/// end under a running job. The new end stands in the record, where every server and every list sees it.
struct RoomEnding {
    static let noticeSeconds: Int64 = 600
    static let putOffSeconds: Int64 = 3600
    /// While the record is away, it is not asked every second.
    static let patienceSeconds: Int64 = 10

    /// The latest end that the record told since the peers came in.
    var putOffTo: Timestamp?
    var lookedAt: Timestamp?

    enum Step: Equatable, Sendable {
        case putOff(to: Timestamp)
        case end
    }
}

extension RoomLoop {
    /// What is to be done about the room's end now, if anything; the caller does it.
    func endingStep(at now: Timestamp) -> RoomEnding.Step? {
        guard let end = endsAt, now >= end.advanced(bySeconds: -RoomEnding.noticeSeconds) else { return nil }
        let isAtWork = workers.contains(where: \.isAtWork)
        guard isAtWork || now >= end else { return nil }
        if let last = ending.lookedAt, now < last.advanced(bySeconds: RoomEnding.patienceSeconds) { return nil }
        ending.lookedAt = now
        return isAtWork ? .putOff(to: now.advanced(bySeconds: RoomEnding.putOffSeconds)) : .end
    }

    /// When the room ends, as its peers and the record told; nil for one without an end, or without peers.
    private var endsAt: Timestamp? {
        let told = peers.all.lazy.compactMap(\.identity.roomExpiresAt).max()
        return told.map { max($0, ending.putOffTo ?? $0) }
    }

    func end(at moment: Timestamp) { ending.putOffTo = moment }
}

extension PresentWorker {
    /// What workers say of themselves while they train or track, or are about to.
    fileprivate var isAtWork: Bool {
        switch properties["status"]?.stringValue {
        case "busy", "reserved": true
        default: false
        }
    }
}

extension RoomDirectory {
    /// Puts a room's end off while somebody works in it, or ends it.
    func settleEnding(of room: RoomLoop, at now: Timestamp) async {
        guard let step = await room.endingStep(at: now) else { return }
        do throws(StoreError) {
            let record: RoomRecord?
            switch step {
            case .putOff(let moment): record = try await dependencies.accounts.extendRoom(room.room, to: moment)
            case .end: record = try await dependencies.accounts.room(room.room)
            }
            guard let record else { return await deleteHere(room.room) }
            let end = record.expiresAt ?? Timestamp(microseconds: .max)
            await room.end(at: end)
            if end <= now { await room.close(.everyone, .roomExpired) }
        } catch {
            dependencies.logger.debug("the end of a room was not settled", metadata: ["cause": "\(error)"])
        }
    }
}
