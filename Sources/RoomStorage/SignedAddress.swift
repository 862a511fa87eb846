/// A request that a peer may make to the store as it stands: this method, this address, exactly these headers.
///
/// Whoever holds it has the right it signs, so its description does not tell it.
package struct SignedAddress: Sendable, Equatable {
    package let method: String
    package let url: String
    package let headers: [(name: String, value: String)]

    package init(method: String, url: String, headers: [(name: String, value: String)]) {
        self.method = method
        self.url = url
        self.headers = headers
    }

    package static func == (left: SignedAddress, right: SignedAddress) -> Bool {
        left.method == right.method && left.url == right.url
            && left.headers.elementsEqual(right.headers) { $0 == $1 }
    }
}

extension SignedAddress: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "a signed address to \(method)" }
    package var debugDescription: String { description }
}
