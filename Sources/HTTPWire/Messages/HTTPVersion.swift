/// The two protocol versions this codec speaks; every other one is refused with 505.
package enum HTTPVersion: Sendable, Equatable {
    case http10
    case http11
}

extension HTTPVersion {
    /// Reads exactly `HTTP/d.d` (RFC 9112, section 2.3).
    ///
    /// The name is case-sensitive. A well-formed version other than 1.0 and 1.1 is `unservedVersion`, so that the opening
    /// of HTTP/2 (`PRI * HTTP/2.0`) is answered by what is wrong with it.
    init(parsing bytes: [UInt8], _ range: Range<Int>, malformed: HTTPFault) throws(HTTPFault) {
        let start = range.lowerBound
        guard range.count == 8, bytes[start..<start + 5].elementsEqual("HTTP/".utf8),
            bytes[start + 6] == UInt8(ascii: "."),
            ByteClass.isDigit(bytes[start + 5]), ByteClass.isDigit(bytes[start + 7])
        else { throw malformed }
        switch (bytes[start + 5], bytes[start + 7]) {
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): self = .http11
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): self = .http10
        default: throw .unservedVersion
        }
    }
}
