/// The server's scheme, host and port.
package struct S3Endpoint: Sendable, Equatable {
    let isSecure: Bool
    let host: String
    /// Nil for the scheme's own.
    let port: UInt16?

    init(isSecure: Bool, host: String, port: UInt16?) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
    }

    package init(_ url: String) throws(S3SettingsFault) {
        let parts = url.split(separator: "://", maxSplits: 1).map(String.init)
        guard parts.count == 2, ["http", "https"].contains(parts[0].lowercased()) else { throw .badEndpoint }
        isSecure = parts[0].lowercased() == "https"
        let authority = parts[1].hasSuffix("/") ? parts[1].dropLast() : parts[1][...]
        let split = Self.split(authority)
        guard let split, Self.isHost(split.host) else { throw .badEndpoint }
        host = split.host.lowercased()
        switch split.port {
        case .none: port = nil
        case .some(let text):
            guard let number = UInt16(text), number > 0 else { throw .badEndpoint }
            port = number == (isSecure ? 443 : 80) ? nil : number
        }
    }

    /// As it stands in the `Host` header, where the scheme's own port is left out.
    var authority: String { port.map { "\(host):\($0)" } ?? host }

    var url: String { "\(isSecure ? "https" : "http")://\(authority)" }

    func below(_ bucket: String) -> S3Endpoint {
        S3Endpoint(isSecure: isSecure, host: "\(bucket).\(host)", port: port)
    }

    private static func split(_ authority: Substring) -> (host: String, port: String?)? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            return (String(authority[...end]), rest.isEmpty ? nil : String(rest.dropFirst()))
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count) else { return nil }
        return (parts[0], parts.count == 2 ? parts[1] : nil)
    }

    private static func isHost(_ text: String) -> Bool {
        if text.hasPrefix("[") { return text.utf8.dropFirst().dropLast().allSatisfy { $0.isHex || $0 == 0x3A } }
        return (1...253).contains(text.utf8.count)
            && text.lowercased().utf8.allSatisfy { $0.isLowercaseOrDigit || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
    }
}
