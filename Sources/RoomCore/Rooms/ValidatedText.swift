/// A text that was checked once, at the border, and is trusted from there on.
///
/// Everything that names something (a room, a peer, a model) is its own type, so that one cannot be passed for another.
package protocol ValidatedText: Hashable, Comparable, Sendable, CustomStringConvertible {
    var text: String { get }

    /// The rule in words, for the error a person reads: "must be 1–64 of …".
    static var rule: String { get }

    static func isValid(_ text: String) -> Bool

    /// For text that already passed ``isValid(_:)``: our own rows and constants.
    init(trusted text: String)
}

extension ValidatedText {
    package init?(_ text: String) {
        guard Self.isValid(text) else { return nil }
        self.init(trusted: text)
    }

    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension UInt8 {
    var isLetterOrDigit: Bool { isDigit || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isLowercaseHex: Bool { isDigit || (0x61...0x66).contains(self) }
    var isHex: Bool { isLowercaseHex || (0x41...0x46).contains(self) }
    var isControl: Bool { self < 0x20 || self == 0x7F }
}
