import RoomCore
import RoomStorage
import Synchronization

/// Why no check was made.
package enum CheckFault: Error, Sendable, CustomStringConvertible {
    case underWay
    case underWayElsewhere(ServerID)

    package var description: String {
        switch self {
        case .underWay: "This server makes one already"
        case .underWayElsewhere(let server): "The server \(server.text) makes one"
        }
    }
}

/// One pass of a kind at a time on this server.
final class CheckTurns: Sendable {
    enum Kind: Sendable {
        case telling, mending, resuming
    }

    private let taken = Mutex<Set<Kind>>([])

    func taking<Answer: Sendable>(_ kind: Kind, _ work: () async throws -> Answer) async throws -> Answer {
        guard taken.withLock({ $0.insert(kind).inserted }) else { throw CheckFault.underWay }
        defer { taken.withLock { _ = $0.remove(kind) } }
        return try await work()
    }
}

extension FileCheck {
    /// Does work that one server of all does at a time; it is cancelled when the duty goes to another server.
    func holding<Answer: Sendable>(
        _ duty: UpkeepDuty, as server: ServerID, _ work: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let holder = try await grant(duty, to: server)
        guard holder == server else { throw CheckFault.underWayElsewhere(holder) }
        do {
            let answer = try await whileRenewing(every: .seconds(files.settings.termSeconds) / 4) {
                try await grant(duty, to: server) == server
            } _: {
                try await work()
            }
            await giveBack(duty, by: server)
            return answer
        } catch {
            await giveBack(duty, by: server)
            throw error
        }
    }

    /// What was done is done: a duty that cannot be given back comes free with its term.
    private func giveBack(_ duty: UpkeepDuty, by server: ServerID) async {
        do throws(StoreError) {
            try await files.ledger.release(duty, by: server, at: clock())
        } catch {
            logger.debug("a duty was not given back", metadata: ["duty": "\(duty.rawValue)", "cause": "\(error)"])
        }
    }

    /// How long until the next check is due, counted from the last one's end on whatever server; nil: now.
    func secondsToNextCheck() async throws(StoreError) -> Int64? {
        let pause = files.settings.checkSeconds
        guard let end = try await files.ledger.end(of: .checkFiles) else { return nil }
        let left = end.advanced(bySeconds: pause).seconds - clock().seconds
        return left > 0 ? min(left, pause) : nil
    }

    private func grant(_ duty: UpkeepDuty, to server: ServerID) async throws(StoreError) -> ServerID {
        let now = clock()
        return try await files.ledger.grant(
            duty, to: server, until: now.advanced(bySeconds: files.settings.termSeconds), at: now)
    }
}
