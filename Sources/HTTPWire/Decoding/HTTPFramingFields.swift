/// What the fields of a head say about where its body ends and whether the connection goes on.
///
/// Every fault here is one by which two servers in a row could disagree on where the next request starts
/// (RFC 9112, section 11.2), so nothing doubtful is repaired.
struct HTTPFramingFields: Sendable {
    private var contentLength: Int?
    private var isChunked = false
    private var closes = false
    private var keepsAlive = false

    init() {}

    init(_ fields: HTTPFields) throws(HTTPFault) {
        for entry in fields.entries {
            try note(entry.name, entry.value, in: fields.bytes)
        }
    }

    var hasTransferEncoding: Bool { isChunked }
    var hasContentLength: Bool { contentLength != nil }

    /// The framing the fields give; a response without any, which only its close ends, is the caller's to see.
    var body: HTTPBodyFraming {
        if isChunked { return .chunked }
        return contentLength.map { .length($0) } ?? .none
    }

    /// RFC 9112, section 9.3: close goes before keep-alive, and HTTP/1.0 has to ask for a connection that stays.
    func keepAlive(_ version: HTTPVersion) -> Bool {
        !closes && (version == .http11 || keepsAlive)
    }

    /// Takes one field into account. The length of its name rules out nearly all others before any byte is compared.
    mutating func note(_ name: Range<Int>, _ value: Range<Int>, in bytes: [UInt8]) throws(HTTPFault) {
        switch name.count {
        case 10 where ByteClass.matches(bytes, name, "connection"):
            noteConnection(value, in: bytes)
        case 14 where ByteClass.matches(bytes, name, "content-length"):
            if contentLength != nil { throw .repeatedContentLength }
            contentLength = try Self.length(bytes, value)
        case 17 where ByteClass.matches(bytes, name, "transfer-encoding"):
            if isChunked { throw .repeatedTransferEncoding }
            try Self.checkTransferEncoding(bytes, value)
            isChunked = true
        default:
            break
        }
    }

    /// The rules that need the whole head (RFC 9112, sections 6.1 and 6.3).
    func check(version: HTTPVersion) throws(HTTPFault) {
        guard isChunked else { return }
        if contentLength != nil { throw .conflictingFraming }
        if version == .http10 { throw .transferEncodingBeforeHTTP11 }
    }

    /// The same for a request: one of HTTP/1.0 that has a body by its method must give the length, because its body could
    /// otherwise end only by closing (RFC 1945, section 7.2.2).
    func check(method: HTTPMethod, version: HTTPVersion) throws(HTTPFault) {
        try check(version: version)
        let hasBodyByMethod = method == .post || method == .put || method == .patch
        if version == .http10, hasBodyByMethod, contentLength == nil { throw .lengthRequired }
    }

    private mutating func noteConnection(_ value: Range<Int>, in bytes: [UInt8]) {
        var options = HTTPListElements(bytes, value)
        while let option = options.next() {
            if ByteClass.matches(bytes, option, "close") { closes = true }
            if ByteClass.matches(bytes, option, "keep-alive") { keepsAlive = true }
        }
    }

    /// One or more decimal digits and nothing else: no sign, no list, no blank within (RFC 9110, section 8.6).
    private static func length(_ bytes: [UInt8], _ value: Range<Int>) throws(HTTPFault) -> Int {
        guard !value.isEmpty, value.count <= 19 else { throw .malformedContentLength }
        var length = 0
        for byte in bytes[value] {
            guard ByteClass.isDigit(byte) else { throw .malformedContentLength }
            let (tens, tensOverflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            if tensOverflow || sumOverflow { throw .malformedContentLength }
            length = sum
        }
        return length
    }

    /// Only the one word `chunked` is read.
    ///
    /// `gzip, chunked` is well framed but in a coding nobody here decodes: 501. All else does not end with chunked, or says
    /// it twice, or hides it: 400 (RFC 9112, section 6.3).
    private static func checkTransferEncoding(_ bytes: [UInt8], _ value: Range<Int>) throws(HTTPFault) {
        if ByteClass.matches(bytes, value, "chunked") { return }
        var codings: [Range<Int>] = []
        var elements = HTTPListElements(bytes, value)
        while let element = elements.next() {
            guard ByteClass.isToken(bytes[element]) else { throw .malformedTransferEncoding }
            codings.append(element)
        }
        let final = codings.firstIndex { ByteClass.matches(bytes, $0, "chunked") }
        guard let final, final > 0, final == codings.count - 1 else { throw .malformedTransferEncoding }
        throw .unknownTransferCoding
    }
}
