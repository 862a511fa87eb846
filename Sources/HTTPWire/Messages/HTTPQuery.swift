/// The pairs of a request's query, decoded, in the order they were sent.
///
/// `a=1&b&a=2+3` has the pairs (a, 1), (b, ""), (a, "2 3"); empty pieces (`&&`) are left out.
package struct HTTPQuery: Sendable, Equatable {
    package struct Pair: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    package internal(set) var pairs: [Pair] = []

    package init() {}

    package var isEmpty: Bool { pairs.isEmpty }

    /// The value of the first pair of this name; names are case-sensitive.
    package func first(_ name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    package func all(_ name: String) -> [String] {
        pairs.filter { $0.name == name }.map(\.value)
    }
}
