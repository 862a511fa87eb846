/// Statements that go to the server in one packet as one transaction, and whoever waits for their answers.
struct Exchange: Sendable {
    let statements: [PostgresStatement]
    /// How long the server may be silent before it counts as gone.
    let patience: Int
    /// Called once, on the connection's queue.
    let settle: @Sendable (Result<[PostgresRows], ExchangeFault>) -> Void

    var bytes: Int { statements.reduce(0) { $0 + $1.bytes } }
}

/// Why an exchange has no answer, told apart by what is known of its writes.
enum ExchangeFault: Error, Equatable {
    /// The server refused and undid all of it.
    case refused(ServerFault)
    /// It was never sent.
    case unsent(String)
    /// It was sent, and the connection ended before the answer: done or not.
    case lost(String, session: Int64)
    case closed
}

/// An error of the server: its SQLSTATE and its first sentence. Details may hold what was stored, and are left out.
struct ServerFault: Error, Equatable {
    let code: String
    let message: String

    /// Two transactions stood in each other's way and this one was undone: the same again may pass.
    var isCollision: Bool { code == "40001" || code == "40P01" }

    /// A lock was not to be had in time.
    var isOfLock: Bool { code == "55P03" }

    /// The connection knows a statement no more, or knows it as it was before the schema changed.
    var isOfStaleStatement: Bool { code == "26000" || code == "0A000" || code == "42P05" }

    /// What one request asked for, and not the state of the server or of the connection.
    var isOfOneRequest: Bool { ["22", "23", "21"].contains(String(code.prefix(2))) || code == "54000" }
}
