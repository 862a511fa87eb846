import CCurl
import Glibc

/// Sets the options of an easy handle, and remembers whether libcurl took them all.
struct EasyOptions {
    private let easy: UnsafeMutableRawPointer
    private(set) var areTaken = true

    init(_ easy: UnsafeMutableRawPointer) { self.easy = easy }

    mutating func set(_ option: CURLoption, _ value: Int) { take(shim_curl_easy_setopt_long(easy, option, value)) }

    mutating func set(_ option: CURLoption, _ value: String) { take(shim_curl_easy_setopt_text(easy, option, value)) }

    mutating func set(_ option: CURLoption, list: UnsafeMutablePointer<curl_slist>?) {
        take(shim_curl_easy_setopt_list(easy, option, list))
    }

    private mutating func take(_ code: CURLcode) { areTaken = areTaken && code == CURLE_OK }
}

extension EasyOptions {
    mutating func setAddress(of order: TransferOrder) {
        set(CURLOPT_URL, order.request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_REDIR_PROTOCOLS_STR, order.address.isSecure ? "https" : "http,https")
        set(CURLOPT_FOLLOWLOCATION, order.request.redirectLimit > 0 ? 1 : 0)
        set(CURLOPT_MAXREDIRS, order.request.redirectLimit)
        // What was signed is what is sent.
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_NOSIGNAL, 1)
    }

    mutating func setTrust(_ settings: FetchSettings) {
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile = settings.caFile { set(CURLOPT_CAINFO, caFile) }
        set(CURLOPT_PROXY, settings.proxy ?? "")
    }

    mutating func setDeadlines(of order: TransferOrder) {
        let deadlines = order.request.deadlines
        set(CURLOPT_CONNECTTIMEOUT_MS, deadlines.connect.wholeMilliseconds)
        if let left = order.timeLeft { set(CURLOPT_TIMEOUT_MS, left.wholeMilliseconds) }
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, max(1, (deadlines.stalled.wholeMilliseconds + 999) / 1_000))
    }

    mutating func setMethod(of request: FetchRequest) {
        switch request.method {
        case .get: set(CURLOPT_HTTPGET, 1)
        case .head: set(CURLOPT_NOBODY, 1)
        case .put, .post: setUpload(of: request.body?.count ?? 0)
        case .delete: if let body = request.body { setUpload(of: body.count) }
        }
        if request.method != .head { set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    }

    private mutating func setUpload(of size: Int) {
        set(CURLOPT_UPLOAD, 1)
        take(shim_curl_easy_setopt_offset(easy, CURLOPT_INFILESIZE_LARGE, size))
    }

    /// - Parameter transfer: unretained; it lives as long as the handle, which it owns.
    mutating func setCallbacks(_ transfer: UnsafeMutableRawPointer) {
        take(
            shim_curl_easy_setopt_transfer(easy, CURLOPT_WRITEFUNCTION) { pointer, size, count, transfer in
                guard let pointer, let transfer = Transfer.of(transfer) else { return 0 }
                let bytes = UnsafeRawBufferPointer(start: pointer, count: size * count)
                return transfer.receive(body: bytes) ? bytes.count : 0
            })
        take(
            shim_curl_easy_setopt_transfer(easy, CURLOPT_HEADERFUNCTION) { pointer, size, count, transfer in
                guard let pointer, let transfer = Transfer.of(transfer) else { return 0 }
                let bytes = UnsafeRawBufferPointer(start: pointer, count: size * count)
                return transfer.receive(headerLine: bytes) ? bytes.count : 0
            })
        take(
            shim_curl_easy_setopt_transfer(easy, CURLOPT_READFUNCTION) { pointer, size, count, transfer in
                guard let pointer, let transfer = Transfer.of(transfer) else { return 0 }
                return transfer.send(into: UnsafeMutableRawBufferPointer(start: pointer, count: size * count))
            })
        take(
            shim_curl_easy_setopt_seek(easy) { transfer, offset, origin in
                guard origin == SEEK_SET, let transfer = Transfer.of(transfer) else { return CURL_SEEKFUNC_FAIL }
                return transfer.seek(to: Int(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
            })
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA] {
            take(shim_curl_easy_setopt_pointer(easy, option, transfer))
        }
    }
}

extension Transfer {
    fileprivate static func of(_ pointer: UnsafeMutableRawPointer?) -> Transfer? {
        pointer.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension Duration {
    /// At least one: to libcurl, zero is no limit.
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(min(max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000), Int64(Int32.max)))
    }
}
