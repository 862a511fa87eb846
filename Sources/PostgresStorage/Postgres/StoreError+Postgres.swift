import RoomStorage

extension StoreError {
    /// What a refusal of the server means for the caller, with the remedy an operator can try.
    ///
    /// Codes: PostgreSQL's documentation, appendix A.
    init(_ fault: ServerFault) {
        let said = "\(fault.message), \(fault.code)"
        switch fault.code {
        case "25006":
            self = .unavailable(
                "the database takes no writes (\(said)): name the primary, add target_session_attrs=read-write, or take "
                    + "default_transaction_read_only from the role")
        case "42501":
            self = .refused("the database role lacks a right (\(said)): grant it what the record's tables need")
        case "57014":
            self = .unavailable("the database took too long (\(said)): try again, and look at its load and its locks")
        case "40001", "40P01", "55P03":
            self = .unavailable("others write the same rows (\(said)): try again")
        case "26000", "0A000", "42P05":
            self = .unavailable("a connection was out of date (\(said)): try again; do not pool transactions before it")
        case "42P01", "42703", "3F000":
            self = .corrupt("the database lacks a table or column (\(said)): run the migrations, or restore a backup")
        default: self.init(class: String(fault.code.prefix(2)), said: said)
        }
    }

    private init(class code: String, said: String) {
        switch code {
        case "53":
            self = .unavailable(
                "the database lacks disk, memory or connections (\(said)): free some space, or raise its limits")
        case "57", "08": self = .unavailable("the database is going down or coming up (\(said)): try again")
        case "28": self = .refused("the database refused the login (\(said)): check role and password")
        case "22", "54":
            self = .unavailable("the database cannot keep a value (\(said)): leave it out or make it smaller")
        case "58": self = .unavailable("the database cannot use its files (\(said)): check its disk")
        default: self = .corrupt("the database is not as this program left it (\(said)): restore a backup")
        }
    }

    /// What a connection that could not be made means, with a remedy where the text names a known cause.
    static func unreachable(_ reason: String) -> StoreError {
        let refusals = [
            ("password authentication failed", "check role and password in its address"),
            ("no password supplied", "put the password into its address or a password file"),
            ("no pg_hba.conf entry", "let this machine and role in, in the server's pg_hba.conf"),
            ("does not exist", "create that database or role, or correct its name"),
            ("permission denied for database", "grant the role CONNECT on it"),
        ]
        let remedies = [
            ("too many clients", "raise max_connections, or close other clients"),
            ("Connection refused", "start it, or correct host and port"),
            ("could not translate host name", "correct the host in its address"),
        ]
        func sentence(_ remedy: String) -> String { "no connection to the database (\(reason)): \(remedy)" }
        if let refusal = refusals.first(where: { reason.contains($0.0) }) { return .refused(sentence(refusal.1)) }
        let remedy = remedies.first { reason.contains($0.0) }?.1
        return .unavailable(sentence(remedy ?? "check that it runs and can be reached from here"))
    }
}
