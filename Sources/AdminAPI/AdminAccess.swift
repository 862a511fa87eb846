import Cryptography
import HTTPServing
import HTTPWire

/// Lets operators in by their bearer token; without a token set, nobody.
package struct AdminAccess: Sendable {
    private let digest: [UInt8]?

    package init(token: String?) {
        digest = token.flatMap { $0.isEmpty ? nil : SHA256.digest(Array($0.utf8)) }
    }

    /// Nil when the request may pass, else its answer. Digests are compared, in constant time, so that not even the
    /// token's length shows.
    func refusal(of request: Request) -> Response? {
        guard let digest else {
            return .error(.notFound, "Not Found")
        }
        guard let bearer = request.bearer, constantTimeEquals(SHA256.digest(Array(bearer.utf8)), digest) else {
            return .error(.unauthorized, "Send Authorization: Bearer <the value of SLEAP_ROOMS_ADMIN_TOKEN>")
                .with("WWW-Authenticate", "Bearer")
        }
        return nil
    }
}
