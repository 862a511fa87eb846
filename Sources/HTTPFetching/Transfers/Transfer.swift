import CCurl

/// One request on the wire: a libcurl easy handle, and what it reads from and writes to.
///
/// It is made, used and let go on the transfer queue.
final class Transfer {
    let order: TransferOrder
    let easy: UnsafeMutableRawPointer
    private var headerLines: UnsafeMutablePointer<curl_slist>?

    private var sent = 0
    private(set) var status = 0
    private(set) var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    private(set) var body: [UInt8] = []
    private(set) var stop: FetchFault?

    /// Nil when libcurl refuses an option or memory is exhausted.
    init?(_ order: TransferOrder, settings: FetchSettings) {
        guard let easy = curl_easy_init() else { return nil }
        self.order = order
        self.easy = easy
        guard setUp(settings) else { return nil }
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerLines)
    }

    private func setUp(_ settings: FetchSettings) -> Bool {
        var options = EasyOptions(easy)
        options.setAddress(of: order)
        options.setTrust(settings)
        options.setDeadlines(of: order)
        options.setMethod(of: order.request)
        options.set(CURLOPT_USERAGENT, settings.userAgent)
        guard collectHeaders() else { return false }
        options.set(CURLOPT_HTTPHEADER, list: headerLines)
        options.setCallbacks(Unmanaged.passUnretained(self).toOpaque())
        return options.areTaken
    }

    private func collectHeaders() -> Bool {
        // No "Expect: 100-continue": servers that do not know it cost a second each.
        var lines = ["Expect:"]
        for header in order.request.headers {
            lines.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        for line in lines {
            guard let longer = curl_slist_append(headerLines, line) else { return false }
            headerLines = longer
        }
        return true
    }
}

// MARK: - Called by libcurl

extension Transfer {
    static let headerLimit = 65_536

    /// Takes one line of the head; false ends the transfer.
    func receive(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerLimit else {
            stop = .responseTooLarge(host: order.address.host, limit: Self.headerLimit)
            return false
        }
        let line = String(decoding: bytes, as: UTF8.self).drop { $0.isWhitespace }
        if line.hasPrefix("HTTP/") {
            // An interim answer, or one that redirected, came before.
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            headers.removeAll()
        } else if let colon = line.firstIndex(of: ":") {
            headers.append((String(line[..<colon]), line[line.index(after: colon)...].trimmed))
        }
        return true
    }

    /// Takes a piece of the body; false ends the transfer.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        if let onBody = order.onBody, (200...299).contains(status) {
            if onBody(bytes) { return true }
            stop = .stoppedByReader
            return false
        }
        guard body.count + bytes.count <= order.request.responseLimit else {
            stop = .responseTooLarge(host: order.address.host, limit: order.request.responseLimit)
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    /// Fills `space` with the next bytes of the request's body.
    func send(into space: UnsafeMutableRawBufferPointer) -> Int {
        guard let body = order.request.body else { return 0 }
        let count = min(space.count, body.count - sent)
        body.withUnsafeBytes { space.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[sent..<sent + count])) }
        sent += count
        return count
    }

    /// Goes back in the request's body, when a kept connection turned out to be closed.
    func seek(to offset: Int) -> Bool {
        guard let body = order.request.body, (0...body.count).contains(offset) else { return false }
        sent = offset
        return true
    }
}

extension Substring {
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
