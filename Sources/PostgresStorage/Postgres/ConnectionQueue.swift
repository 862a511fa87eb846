import Dispatch
import RoomStorage
import Synchronization

/// A connection, the one serial queue it is used on, and the will to have it back when it is lost.
///
/// ```
///            established                    lost
/// connecting ───────────▶ open ───────────────────────▶ connecting at once (what is asked waits)
///     │  ▲                  │ silent for too long                │ failed
///     ▼  │ a second at most ▼                                    ▼
///    resting ◀──────────── away: what is asked is refused at once, until it is established again
/// ```
/// libpq is not safe to use from two threads. This is the only place that promises safety to the compiler unchecked:
/// all but `shared` is touched in blocks of `queue` alone, and the queue runs one at a time.
final class ConnectionQueue: @unchecked Sendable {
    enum Status: Sendable, Equatable {
        /// Takes exchanges; they are sent at once, or as soon as the first attempt to connect succeeds.
        case up
        case away(String)
    }

    struct Sent {
        let exchange: Exchange
        let prepared: [String]
        /// False for what nobody submitted.
        let isCounted: Bool
        var answers: [PostgresRows] = []
    }

    private struct Shared {
        var status = Status.up
        var load = 0
    }

    let queue: DispatchQueue
    let setup: ConnectionSetup
    private let shared = Mutex(Shared())

    var address: PostgresAddress
    var connection: PostgresConnection?
    var watch: DescriptorWatch?
    /// The connection is made, and a moment later its session is prepared.
    var isOpen = false
    var isReady = false
    var isClosed = false
    /// Failed attempts to connect since it was last open.
    var failures = 0
    /// Grows with each connection and attempt, so that a late timer knows that it means an older one.
    var generation = 0
    var inFlight: [Sent] = []
    var inFlightBytes = 0
    var waiting: [(exchange: Exchange, since: UInt64)] = []
    var heard: UInt64 = 0
    var isChecking = false
    /// To be dropped once what is under way is answered.
    var isStale = false
    var starting: [@Sendable (StoreError?) -> Void] = []
    var closing: [@Sendable () -> Void] = []

    init(label: String, address: PostgresAddress, setup: ConnectionSetup) {
        queue = DispatchQueue(label: label)
        self.address = address
        self.setup = setup
    }

    var limits: PostgresLimits { setup.limits }
    var status: Status { shared.withLock { $0.status } }
    /// How much waits or is under way.
    var load: Int { shared.withLock { $0.load } }

    /// Tells those who listen when the status was another before.
    func become(_ status: Status) {
        let changed = shared.withLock { shared -> Bool in
            defer { shared.status = status }
            return shared.status != status
        }
        if changed { setup.onStatus(status) }
    }

    /// Connects; throws what the first attempt met, and goes on trying.
    func start() async throws(StoreError) {
        let fault: StoreError? = await withCheckedContinuation { continuation in
            queue.async {
                self.starting.append { continuation.resume(returning: $0) }
                self.beginConnecting()
            }
        }
        if let fault { throw fault }
    }

    /// Takes an exchange in; it is settled in any case.
    func submit(_ exchange: Exchange) {
        shared.withLock { $0.load += weight(exchange) }
        queue.async { self.accept(exchange) }
    }

    /// Asks for a sign of life where one may not come: another connection to this server fell silent.
    func doubt() {
        queue.async {
            guard self.isReady, self.inFlight.isEmpty else { return }
            let question = Exchange(statements: [PostgresStatement("SELECT")], patience: 1_000) { _ in }
            self.transmit(question, counted: false)
        }
    }

    /// Finishes what was asked before, then ends the connection.
    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.isClosed = true
                self.closing.append { continuation.resume() }
                self.closeWhenIdle()
            }
        }
    }

    func settle(_ exchange: Exchange, _ result: Result<[PostgresRows], ExchangeFault>) {
        shared.withLock { $0.load -= weight(exchange) }
        exchange.settle(result)
    }

    /// What may take long weighs so much that others go elsewhere.
    private func weight(_ exchange: Exchange) -> Int { exchange.patience > limits.silenceMilliseconds ? 10_000 : 1 }
}

/// What a connection is made for.
struct ConnectionSetup: Sendable {
    var limits: PostgresLimits
    /// Several exchanges under way at once; without it, scripts one at a time.
    var isPipelined = true
    /// How long a statement may wait for another transaction's locks; 0 for as long as it may take at all.
    var lockMilliseconds = 0
    var onStatus: @Sendable (ConnectionQueue.Status) -> Void = { _ in }
    /// The server was silent for too long.
    var onSilence: @Sendable () -> Void = {}
    var onEvent: @Sendable (PostgresEvent) -> Void = { _ in }
}

extension DispatchTime {
    /// Milliseconds that never run backwards.
    static var milliseconds: UInt64 { now().uptimeNanoseconds / 1_000_000 }
}
