import Dispatch
import RoomStorage

extension ConnectionQueue {
    func beginConnecting() {
        guard !isClosed else { return closeWhenIdle() }
        generation += 1
        guard let made = PostgresConnection(address, pipelined: setup.isPipelined) else {
            return failedToConnect("memory is short")
        }
        connection = made
        let attempt = generation
        queue.asyncAfter(deadline: .now() + .milliseconds(limits.connectMilliseconds)) {
            guard self.generation == attempt, !self.isOpen else { return }
            self.address.rotateHosts()
            self.failedToConnect("it did not answer in time")
        }
        // libpq's rule: as if the first step had asked for writing (34.1.1, PQconnectPoll).
        watchConnecting(.writing, of: made)
    }

    private func goOnConnecting() {
        guard let connection, !isOpen else { return }
        watchConnecting(connection.connect(), of: connection)
    }

    private func watchConnecting(_ step: PostgresConnection.Step, of connection: PostgresConnection) {
        watch = nil
        switch step {
        case .failed(let reason): failedToConnect(reason)
        case .done: prepareSession(connection)
        case .reading, .writing:
            guard !connection.isFailed else { return failedToConnect(connection.complaint) }
            let attempt = generation
            watch = DescriptorWatch(connection.descriptor, on: queue) {
                guard self.generation == attempt else { return }
                self.goOnConnecting()
            }
            guard let watch else { return failedToConnect("this process has too many open files") }
            if case .writing = step { watch.watchWriting(true) }
        }
    }

    private func failedToConnect(_ reason: String) {
        dropConnection()
        failures += 1
        let fault = StoreError.unreachable(reason)
        for start in starting { start(fault) }
        starting = []
        goAway(fault.reason)
        rest()
    }

    /// Waits longer after each failure, at most a second, and never in step with others.
    private func rest() {
        guard !isClosed else { return closeWhenIdle() }
        let ceiling = min(1_000, 25 << min(failures, 6))
        let pause = Int.random(in: ceiling / 2...ceiling)
        let attempt = generation
        queue.asyncAfter(deadline: .now() + .milliseconds(pause)) {
            guard self.generation == attempt, self.connection == nil else { return }
            self.beginConnecting()
        }
    }

    /// What every session needs, whatever role and database have as their defaults.
    ///
    /// Every statement here is served by an index. The statistics of a young table would have the server read it whole
    /// instead, and go on doing so as it grows.
    private func prepareSession(_ connection: PostgresConnection) {
        let attempt = generation
        watch = DescriptorWatch(connection.descriptor, on: queue) {
            guard self.generation == attempt else { return }
            self.ready()
        }
        guard watch != nil else { return failedToConnect("this process has too many open files") }
        isOpen = true
        heard = DispatchTime.milliseconds
        transmit(
            Exchange(statements: [sessionSettings(connection)], patience: limits.connectMilliseconds) { result in
                self.sessionIsPrepared(result)
            }, counted: false)
    }

    private func sessionSettings(_ connection: PostgresConnection) -> PostgresStatement {
        PostgresStatement(
            """
            SELECT set_config('statement_timeout', '\(setup.isPipelined ? limits.statementMilliseconds : 0)', false),
                set_config('lock_timeout', '\(setup.lockMilliseconds)', false),
                set_config('default_transaction_isolation', 'read committed', false),
                set_config('jit', 'off', false), set_config('enable_seqscan', 'off', false),
                set_config('plan_cache_mode', 'force_generic_plan', false),
                set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),
                set_config('tcp_keepalives_count', '3', false),
                CASE current_setting('synchronous_commit') WHEN 'off'
                    THEN set_config('synchronous_commit', 'on', false) END,
                pg_try_advisory_lock(\(connection.session))
            """)
    }

    private func sessionIsPrepared(_ result: Result<[PostgresRows], ExchangeFault>) {
        guard case .success = result else {
            if case .failure(.refused(let fault)) = result { failedToConnect(fault.message) }
            return
        }
        failures = 0
        isReady = true
        become(.up)
        setup.onEvent(.connected)
        for start in starting { start(nil) }
        starting = []
        sendWaiting()
    }

    // MARK: - The end of a connection

    func dropConnection() {
        generation += 1
        watch = nil
        connection = nil
        isOpen = false
        isReady = false
        isStale = false
    }

    /// The connection ended: what was sent may be done or not; what was not waits for one quick attempt to reconnect.
    func lose(_ reason: String) {
        let session = connection?.session ?? 0
        let wasUseful = isReady && status == .up
        dropConnection()
        let lost = inFlight
        inFlight = []
        inFlightBytes = 0
        for sent in lost where sent.isCounted {
            settle(sent.exchange, .failure(.lost(reason, session: session)))
        }
        setup.onEvent(.lost(reason))
        if wasUseful { beginConnecting() } else { failedToConnect(reason) }
        closeWhenIdle()
    }

    /// Refuses what waits, and what comes from now on.
    func goAway(_ reason: String) {
        become(.away(reason))
        let refused = waiting
        waiting = []
        for entry in refused { settle(entry.exchange, .failure(.unsent(reason))) }
        closeWhenIdle()
    }

    func closeWhenIdle() {
        guard isClosed, inFlight.isEmpty, waiting.isEmpty else { return }
        dropConnection()
        for start in starting { start(.closed) }
        starting = []
        for close in closing { close() }
        closing = []
    }
}

extension StoreError {
    /// The text without its class.
    var reason: String {
        switch self {
        case .unavailable(let reason), .refused(let reason), .corrupt(let reason), .outcomeUnknown(let reason): reason
        case .newerSchema, .migrationMismatch, .closed: description
        }
    }
}
