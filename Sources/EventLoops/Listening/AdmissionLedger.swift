import Synchronization

/// Counts the living connections of one listener, in all and by address, for all its loops. Asked when a connection
/// comes and goes, never in between.
final class AdmissionLedger: Sendable {
    /// What counts as one address: ``SocketAddress/host`` without its text.
    struct Block: Hashable, Sendable {
        let family: SocketAddress.Family
        let number: UInt64

        init(_ address: SocketAddress) {
            family = address.family
            number = address.family == .v4 ? address.low : address.high
        }
    }

    private struct Counts {
        var total = 0
        var byBlock: [Block: Int] = [:]
        var refused = 0
    }

    private let limits: ConnectionLimits
    private let counts = Mutex(Counts())

    init(_ limits: ConnectionLimits) { self.limits = limits }

    var total: Int { counts.withLock(\.total) }
    var refused: Int { counts.withLock(\.refused) }

    func admit(_ address: SocketAddress) -> Result<AdmissionTicket, Refused> {
        let block = Block(address)
        let refusal: ListenerNotice.Refusal? = counts.withLock { counts in
            let known = counts.byBlock[block, default: 0]
            guard counts.total < limits.total, known < limits.perAddress else {
                counts.refused += 1
                return counts.total < limits.total ? .tooManyFromAddress : .tooMany
            }
            counts.total += 1
            counts.byBlock[block] = known + 1
            return nil
        }
        if let refusal { return .failure(Refused(why: refusal)) }
        return .success(AdmissionTicket(self, block))
    }

    fileprivate func release(_ block: Block) {
        counts.withLock { counts in
            counts.total -= 1
            let left = counts.byBlock[block, default: 1] - 1
            counts.byBlock[block] = left > 0 ? left : nil
        }
    }

    struct Refused: Error {
        let why: ListenerNotice.Refusal
    }
}

/// One connection's place under the limits, given back when the last holder lets go: with the socket's end.
final class AdmissionTicket: Sendable {
    private let ledger: AdmissionLedger
    private let block: AdmissionLedger.Block

    fileprivate init(_ ledger: AdmissionLedger, _ block: AdmissionLedger.Block) {
        self.ledger = ledger
        self.block = block
    }

    deinit { ledger.release(block) }
}
