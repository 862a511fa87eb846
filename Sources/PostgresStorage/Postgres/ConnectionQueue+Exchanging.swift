import Dispatch

extension ConnectionQueue {
    func accept(_ exchange: Exchange) {
        if case .away(let reason) = status { return settle(exchange, .failure(.unsent(reason))) }
        guard !isClosed else { return settle(exchange, .failure(.closed)) }
        guard waiting.count < limits.waitingReads else {
            return settle(exchange, .failure(.unsent("too many requests wait for the database: try again")))
        }
        waiting.append((exchange, DispatchTime.milliseconds))
        sendWaiting()
        checkLater()
    }

    /// Sends what may be under way at once; scripts go one by one.
    func sendWaiting() {
        guard isReady, status == .up, !isStale else { return }
        let limit = setup.isPipelined ? limits.inFlight : 1
        var taken = 0
        while taken < waiting.count, inFlight.count < limit, inFlightBytes < limits.inFlightBytes {
            let exchange = waiting[taken].exchange
            taken += 1
            transmit(exchange)
        }
        waiting.removeFirst(min(taken, waiting.count))
    }

    /// - Parameter counted: false for what nobody submitted.
    func transmit(_ exchange: Exchange, counted: Bool = true) {
        guard let connection else { return settle(exchange, .failure(.unsent("the connection ended"))) }
        if inFlight.isEmpty { heard = DispatchTime.milliseconds }
        let prepared = connection.send(exchange)
        inFlight.append(Sent(exchange: exchange, prepared: prepared ?? [], isCounted: counted))
        inFlightBytes += exchange.bytes
        checkLater()
        // A half-sent exchange counts as sent, for part of it may have gone. Told later: the caller walks a list.
        guard prepared != nil else { return failSoon(connection.complaint) }
        watch?.watchWriting(connection.flush())
    }

    private func failSoon(_ reason: String) {
        let attempt = generation
        queue.async {
            guard self.generation == attempt else { return }
            self.lose(reason)
        }
    }

    /// The socket can be read or written.
    func ready() {
        guard let connection, isOpen else { return }
        let isAlive = connection.receive()
        let attempt = generation
        while generation == attempt, !inFlight.isEmpty, let arrival = connection.next() {
            heard = DispatchTime.milliseconds
            switch arrival {
            case .rows(let rows): inFlight[0].answers.append(rows)
            case .end: conclude()
            }
        }
        guard generation == attempt else { return }
        guard isAlive, !connection.isFailed else {
            let said = inFlight.first?.answers.last?.fault?.message
            return lose(said ?? connection.complaint)
        }
        watch?.watchWriting(connection.flush())
        if isStale, inFlight.isEmpty { return renew() }
        sendWaiting()
        closeWhenIdle()
    }

    /// The first exchange under way is answered whole.
    private func conclude() {
        let sent = inFlight.removeFirst()
        inFlightBytes -= sent.exchange.bytes
        for (sql, answer) in zip(sent.prepared, sent.answers) where answer.fault != nil { connection?.forget(sql) }
        if let fault = sent.answers.lazy.compactMap(\.fault).first {
            // The next connection may reach the new primary, and knows no old statement.
            if fault.isOfStaleStatement || fault.code == "25006" { isStale = true }
            return finish(sent, .failure(.refused(fault)))
        }
        finish(sent, .success(Array(sent.answers.dropFirst(sent.prepared.count))))
    }

    private func finish(_ sent: Sent, _ result: Result<[PostgresRows], ExchangeFault>) {
        if sent.isCounted { settle(sent.exchange, result) } else { sent.exchange.settle(result) }
    }

    private func renew() {
        dropConnection()
        beginConnecting()
    }

    // MARK: - Time

    /// Looks after what waits and what is under way, as long as there is something.
    func checkLater() {
        guard !isChecking, !(inFlight.isEmpty && waiting.isEmpty) else { return }
        isChecking = true
        queue.asyncAfter(deadline: .now() + .milliseconds(100)) {
            self.isChecking = false
            self.check()
            self.checkLater()
        }
    }

    private func check() {
        // Bytes that OpenSSL kept back are found here at the latest.
        ready()
        let now = DispatchTime.milliseconds
        if isOpen, let first = inFlight.first, now >= heard + UInt64(first.exchange.patience) {
            let reason = "the database was silent for \(first.exchange.patience) ms"
            setup.onSilence()
            address.rotateHosts()
            become(.away(reason))
            lose(reason)
        }
        let patience = UInt64(isOpen ? limits.silenceMilliseconds : limits.reconnectMilliseconds)
        guard let oldest = waiting.first, now >= oldest.since + patience else { return }
        guard isOpen else { return goAway("the connection to the database ended and is not back yet: try again") }
        let late = waiting.prefix { now >= $0.since + patience }
        waiting.removeFirst(late.count)
        for entry in late {
            settle(entry.exchange, .failure(.unsent("the database is too slow for what is asked of it: try again")))
        }
    }
}
