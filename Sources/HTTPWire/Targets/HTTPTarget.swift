/// A request target, checked and decoded (RFC 9112, section 3.2).
///
/// | form | example | |
/// |---|---|---|
/// | origin | `/rooms/a?x=1` | read |
/// | absolute | `http://host/rooms/a?x=1` | read; its authority goes before Host |
/// | asterisk | `*` | for OPTIONS only |
/// | authority | `host:443` | refused, and CONNECT with it |
struct HTTPTarget: Sendable {
    let text: String
    private(set) var authority: String?
    private(set) var path: [String] = []
    private(set) var query = HTTPQuery()

    init(parsing bytes: [UInt8], _ range: Range<Int>, method: HTTPMethod) throws(HTTPFault) {
        if method == .connect { throw .tunnelRefused }
        text = String(decoding: bytes[range], as: UTF8.self)
        switch bytes[range].first {
        case UInt8(ascii: "/"):
            try readPath(bytes, range)
        case UInt8(ascii: "*") where range.count == 1 && method == .options:
            break
        default:
            try readAbsoluteForm(bytes, range)
        }
    }

    private mutating func readAbsoluteForm(_ bytes: [UInt8], _ range: Range<Int>) throws(HTTPFault) {
        guard let start = Self.authorityStart(bytes, range) else { throw .targetFormRefused }
        let rest = start..<range.upperBound
        let end = bytes[rest].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? range.upperBound
        guard HTTPAuthority.isValid(bytes, start..<end) else { throw .malformedTarget }
        authority = String(decoding: bytes[start..<end], as: UTF8.self)
        try readPath(bytes, end..<range.upperBound)
    }

    /// Where the authority starts, when the scheme is http or https.
    private static func authorityStart(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        for scheme in ["http://", "https://"] {
            let end = range.lowerBound + scheme.utf8.count
            if end <= range.upperBound, ByteClass.matches(bytes, range.lowerBound..<end, scheme) { return end }
        }
        return nil
    }

    /// Reads `/a/b?query`, in one walk over the path and one over the query.
    private mutating func readPath(_ bytes: [UInt8], _ range: Range<Int>) throws(HTTPFault) {
        var start = range.lowerBound
        var at = start
        while at < range.upperBound, bytes[at] != UInt8(ascii: "?") {
            guard ByteClass.isPath(bytes[at]) else { throw .malformedTarget }
            if bytes[at] == UInt8(ascii: "/") {
                if at > range.lowerBound { path.append(try HTTPEscapes.segment(bytes, start..<at)) }
                start = at + 1
            }
            at += 1
        }
        let isRoot = path.isEmpty && start == at
        if !isRoot { path.append(try HTTPEscapes.segment(bytes, start..<at)) }
        if at < range.upperBound { try readQuery(bytes, at + 1..<range.upperBound) }
    }

    private mutating func readQuery(_ bytes: [UInt8], _ range: Range<Int>) throws(HTTPFault) {
        var start = range.lowerBound
        var equals: Int?
        for at in range {
            guard ByteClass.isQuery(bytes[at]) else { throw .malformedTarget }
            if bytes[at] == UInt8(ascii: "="), equals == nil { equals = at }
            guard bytes[at] == UInt8(ascii: "&") else { continue }
            try addPair(bytes, start..<at, equals: equals)
            start = at + 1
            equals = nil
        }
        try addPair(bytes, start..<range.upperBound, equals: equals)
    }

    private mutating func addPair(_ bytes: [UInt8], _ pair: Range<Int>, equals: Int?) throws(HTTPFault) {
        if pair.isEmpty { return }
        let nameEnd = equals ?? pair.upperBound
        let valueStart = equals.map { $0 + 1 } ?? pair.upperBound
        let name = try HTTPEscapes.queryText(bytes, pair.lowerBound..<nameEnd)
        let value = try HTTPEscapes.queryText(bytes, valueStart..<pair.upperBound)
        query.pairs.append(HTTPQuery.Pair(name: name, value: value))
    }
}
