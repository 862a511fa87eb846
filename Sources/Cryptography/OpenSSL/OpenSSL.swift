import COpenSSL

/// Calls into OpenSSL that leave this thread's error queue as they found it.
///
/// The queue belongs to the thread, not to the call: what a refused signature leaves there would be read by the next
/// `SSL_get_error` as the failure of a healthy connection. A mark taken before and popped after removes exactly
/// what the call added.
enum OpenSSL {
    /// The result of `body`; its nil is thrown with the reason OpenSSL gave.
    static func attempt<Result>(_ operation: String, _ body: () -> Result?) throws(CryptographyError) -> Result {
        ERR_set_mark()
        defer { ERR_pop_to_mark() }
        guard let result = body() else {
            throw .openSSL(operation: operation, reason: lastReason())
        }
        return result
    }

    /// The result of `body`, whatever it left in the queue.
    static func contain<Result>(_ body: () -> Result) -> Result {
        ERR_set_mark()
        defer { ERR_pop_to_mark() }
        return body()
    }

    private static func lastReason() -> String {
        let code = ERR_peek_last_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else { return "no reason given" }
        return String(cString: reason)
    }
}
