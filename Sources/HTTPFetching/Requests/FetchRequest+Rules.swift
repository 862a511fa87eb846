extension FetchRequest {
    static let headerCountLimit = 100
    static let headerSizeLimit = 65_536

    /// The address to show, once nothing in the request can break out of its line.
    func checked() throws(FetchFault) -> FetchAddress {
        guard headers.count <= Self.headerCountLimit else {
            throw .badRequest("at most \(Self.headerCountLimit) headers")
        }
        guard headers.reduce(0, { $0 + $1.name.utf8.count + $1.value.utf8.count }) <= Self.headerSizeLimit else {
            throw .badRequest("headers of at most \(Self.headerSizeLimit) bytes")
        }
        for header in headers {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(\.isTokenByte) else {
                throw .badRequest("a header's name is a token (RFC 9110 section 5.6.2)")
            }
            guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw .badRequest("the value of header \(header.name) holds a control character")
            }
        }
        guard responseLimit >= 0, redirectLimit >= 0, redirectLimit <= 20 else {
            throw .badRequest("limits are not negative, redirects at most 20")
        }
        return try FetchAddress(url)
    }
}

extension UInt8 {
    fileprivate var isTokenByte: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
