import CCurl

/// libcurl's set of transfers with its pool of connections.
///
/// Unchecked because libcurl's pointer is not Sendable: all calls are made on the one serial queue of `TransferQueue`,
/// but for ``wake()``, which libcurl allows from any thread, and for the end, when nobody else knows of the handle.
final class MultiHandle: @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer

    private static let isLibraryReady: Bool = shim_curl_global_init() == CURLE_OK

    init(connectionLimit: Int) {
        precondition(Self.isLibraryReady, "libcurl starts unless memory is exhausted.")
        guard let pointer = curl_multi_init() else { preconditionFailure("Memory is exhausted.") }
        self.pointer = pointer
        shim_curl_multi_setopt_long(pointer, CURLMOPT_MAXCONNECTS, connectionLimit)
    }

    deinit { curl_multi_cleanup(pointer) }

    func add(_ transfer: Transfer) -> Bool { curl_multi_add_handle(pointer, transfer.easy) == CURLM_OK }

    func remove(_ transfer: Transfer) { curl_multi_remove_handle(pointer, transfer.easy) }

    /// Moves every transfer on as far as it goes without waiting.
    func perform() {
        var running: Int32 = 0
        curl_multi_perform(pointer, &running)
    }

    /// Waits until a socket is ready, a time-out is due, someone calls ``wake()``, or the time is over.
    func wait(milliseconds: Int32) { curl_multi_poll(pointer, nil, 0, milliseconds, nil) }

    func wake() { curl_multi_wakeup(pointer) }

    func nextDone() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        var code = CURLE_OK
        return shim_curl_multi_next_done(pointer, &code).map { ($0, code) }
    }
}
