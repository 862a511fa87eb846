import CSQLite
import RoomStorage

extension StoreError {
    /// What an answer of SQLite means for the caller, with the remedy an operator can try.
    init(sqlite code: Int32, message: String, path: String) {
        // The low byte is the class of the error, the rest its detail.
        switch code & 0xFF {
        case SQLITE_FULL:
            self = .unavailable("the disk that holds \(path) is full: free some space")
        case SQLITE_IOERR:
            self = .unavailable(
                "reading or writing \(path) failed (\(message), \(code)): check the disk and its free space")
        case SQLITE_BUSY, SQLITE_LOCKED:
            self = .unavailable("another process is writing \(path): wait for it to finish and try again")
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
            self = .unavailable("\(path) cannot be written: give this user the right to write it and its directory")
        case SQLITE_CANTOPEN:
            self = .unavailable(
                "\(path) cannot be opened: check that its directory exists and that this user may write there")
        case SQLITE_NOMEM, SQLITE_TOOBIG, SQLITE_INTERRUPT:
            self = .unavailable("\(path): \(message)")
        case SQLITE_NOTADB:
            self = .corrupt("\(path) is not a database: move it away to begin anew, or restore a backup in its place")
        case SQLITE_CORRUPT:
            self = .corrupt(
                "\(path) is damaged (\(message)): restore a backup, or save what is left with `sqlite3 … .recover`")
        default:
            self = .corrupt("\(path) is not as this program left it (\(message), \(code)): restore a backup")
        }
    }
}
