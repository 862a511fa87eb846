import HTTPWire

/// Which web pages may use this server from a browser (https://fetch.spec.whatwg.org/#http-cors-protocol).
///
/// Pages of this server's own address always may, others when they are listed. Credentials are bearer tokens that a page
/// must hold, never cookies, so `Access-Control-Allow-Credentials` is not sent, and `*` is possible.
package struct AllowedOrigins: Sendable {
    enum Standing: Equatable {
        /// No browser's page asks.
        case none
        case allowed(String)
        case foreign
    }

    private let everyone: Bool
    private let names: Set<String>
    private let ownAddress: @Sendable () -> String

    /// - Parameter names: origins such as `https://lab.example.org`, or `*` for all.
    /// - Parameter ownAddress: where users see this server, or nothing.
    package init(_ names: [String] = [], ownAddress: @escaping @Sendable () -> String = { "" }) {
        everyone = names.contains("*")
        self.names = Set(names.filter { $0 != "*" }.map { $0.lowercased() })
        self.ownAddress = ownAddress
    }

    /// Whether the page that sent this, if any did, may open a WebSocket here. Other programs send no Origin.
    package func welcomes(_ head: HTTPRequestHead) -> Bool { standing(of: head) != .foreign }

    /// True for a page of this server's own and for no page at all.
    package func isOwn(_ head: HTTPRequestHead) -> Bool {
        let lines = head.fields.all("origin")
        guard let line = lines.first else { return true }
        return lines.count == 1 && isOwn(line.lowercased(), head)
    }

    func standing(of head: HTTPRequestHead) -> Standing {
        let lines = head.fields.all("origin")
        guard let line = lines.first else { return .none }
        guard lines.count == 1 else { return .foreign }
        let origin = line.lowercased()
        return everyone || names.contains(origin) || isOwn(origin, head) ? .allowed(line) : .foreign
    }

    /// The Host that a browser sends is the one of the page's own address, unless a proxy rewrites it.
    private func isOwn(_ origin: String, _ head: HTTPRequestHead) -> Bool {
        guard let mark = origin.firstRange(of: "://"), ["http", "https"].contains(origin[..<mark.lowerBound]) else {
            return false
        }
        let place = origin[mark.upperBound...]
        if let host = head.authority, host.lowercased() == place { return true }
        let own = ownAddress().lowercased()
        return own == origin || own.hasPrefix(origin + "/")
    }
}

// MARK: - What browsers are told

extension AllowedOrigins {
    private static let requestFields = "Authorization, Content-Type, Last-Event-ID"
    private static let responseFields = "ETag, Content-Range, Retry-After"

    /// The fields of a response, with what lets the page that asked read it.
    func fields(_ fields: HTTPFields, for head: HTTPRequestHead) -> HTTPFields {
        guard !everyone else { return opened(fields, to: "*", head) }
        var fields = fields
        // What one page may read must not be kept for another.
        if !names.isEmpty || head.fields.contains("origin") { fields.append("Vary", "Origin") }
        guard case .allowed(let origin) = standing(of: head) else { return fields }
        return opened(fields, to: origin, head)
    }

    private func opened(_ fields: HTTPFields, to origin: String, _ head: HTTPRequestHead) -> HTTPFields {
        guard head.fields.contains("origin") || everyone else { return fields }
        var fields = fields
        fields.set("Access-Control-Allow-Origin", origin)
        guard head.method == .options, head.fields.contains("access-control-request-method") else {
            fields.set("Access-Control-Expose-Headers", Self.responseFields)
            return fields
        }
        fields.set("Access-Control-Allow-Methods", fields.first("allow") ?? "GET, POST, PUT, PATCH, DELETE")
        fields.set("Access-Control-Allow-Headers", Self.requestFields)
        fields.set("Access-Control-Max-Age", "600")
        return fields
    }
}
