/// A request method, compared byte for byte: `get` is not `GET` (RFC 9110, section 9.1).
///
/// The codec accepts any token; whether a method is served is the router's matter (405 or 501).
package struct HTTPMethod: Sendable, Hashable, CustomStringConvertible {
    package let name: String

    /// Nil when `name` is not a token (RFC 9110, section 5.6.2).
    package init?(_ name: String) {
        guard ByteClass.isToken(name.utf8) else { return nil }
        self.name = name
    }

    /// For names already known to be tokens.
    init(token name: String) {
        self.name = name
    }

    package var description: String { name }

    package static let get = HTTPMethod(token: "GET")
    package static let head = HTTPMethod(token: "HEAD")
    package static let post = HTTPMethod(token: "POST")
    package static let put = HTTPMethod(token: "PUT")
    package static let patch = HTTPMethod(token: "PATCH")
    package static let delete = HTTPMethod(token: "DELETE")
    package static let options = HTTPMethod(token: "OPTIONS")
    static let connect = HTTPMethod(token: "CONNECT")
}
