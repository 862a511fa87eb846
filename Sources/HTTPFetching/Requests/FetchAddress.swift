/// The part of an address that may be told: scheme, host and port.
struct FetchAddress: Equatable {
    let isSecure: Bool
    let host: String

    static let longest = 16_384

    /// Checks what libcurl would otherwise guess at: an absolute `http` or `https` address of visible ASCII, with a host,
    /// without user name or password (RFC 9110 section 4.2).
    init(_ url: String) throws(FetchFault) {
        guard url.utf8.count <= Self.longest else {
            throw .badRequest("an address has at most \(Self.longest) bytes")
        }
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badRequest("an address is visible ASCII, all else percent-encoded")
        }
        let rest: Substring
        if let secure = url.dropping("https://") {
            (rest, isSecure) = (secure, true)
        } else if let plain = url.dropping("http://") {
            (rest, isSecure) = (plain, false)
        } else {
            throw .badRequest("an address begins with http:// or https://")
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty, !authority.contains("@"), !authority.contains("\\") else {
            throw .badRequest("an address has a host, and neither user name nor password")
        }
        host = String(authority.prefix(255))
    }
}

extension String {
    fileprivate func dropping(_ scheme: String) -> Substring? {
        prefix(scheme.count).lowercased() == scheme ? dropFirst(scheme.count) : nil
    }
}
