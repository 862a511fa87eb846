/// Where one value lies in a text: what it is and which bytes it takes, without a copy of them.
///
///     {"to":"peer-7","n":12}
///           ^^^^^^       ^^        a string's range leaves out its quotes, every other range is the whole value
package struct JSONSpan: Sendable, Equatable {
    package enum Kind: Sendable {
        case object, array, string, number, `true`, `false`, null
    }

    package let range: Range<Int>
    package let kind: Kind
    /// Whether a string holds a backslash, so that its bytes are not yet its value.
    package let escaped: Bool

    @inline(__always)
    init(_ kind: Kind, from start: Int, to end: Int, escaped: Bool = false) {
        self.kind = kind
        self.range = Range(uncheckedBounds: (start, end))
        self.escaped = escaped
    }

    /// The whole value as it stands in the text, a string's quotes included: what to copy to forward it verbatim.
    package var rawRange: Range<Int> {
        kind == .string ? (range.lowerBound - 1)..<(range.upperBound + 1) : range
    }

    /// The first byte after the value.
    @inline(__always)
    var end: Int { kind == .string ? range.upperBound &+ 1 : range.upperBound }
}
