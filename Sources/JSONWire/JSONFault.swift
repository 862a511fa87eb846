/// Every way a text can break RFC 8259 or our limits, by name and with the byte where it happened.
///
/// Offsets count bytes from the start of the text: a number's first byte, an escape's backslash, a key's opening
/// quote, a UTF-8 sequence's first byte.
package enum JSONFault: Error, Equatable, Sendable {
    /// No byte, or only blanks.
    case empty
    /// A byte no rule of the grammar allows here.
    case unexpectedByte(offset: Int)
    /// The text ended inside a value.
    case unterminated
    /// A number outside RFC 8259 section 6, or beyond the range of a double.
    case invalidNumber(offset: Int)
    /// An unknown escape, one cut short, or half a surrogate pair.
    case invalidEscape(offset: Int)
    /// A byte below 0x20 inside a string.
    case controlCharacter(offset: Int)
    /// Bytes that are not UTF-8: overlong, surrogate, beyond U+10FFFF, cut short.
    case invalidUTF8(offset: Int)
    /// One object names one key twice; `name` is shortened so that a fault stays small.
    case duplicateKey(name: String, offset: Int)
    /// More open objects and arrays than the limit.
    case tooDeep(limit: Int)
    /// Something other than blanks after the value.
    case trailingBytes(offset: Int)
    /// A JSON text whose value is not an object where one is required.
    case notAnObject
}

extension JSONFault: CustomStringConvertible {
    /// The fault in plain words, fit for an error reply: one short line whatever the input held.
    package var description: String {
        switch self {
        case .empty: "empty text"
        case .unexpectedByte(let offset): "unexpected byte at byte \(offset)"
        case .unterminated: "text ends inside a value"
        case .invalidNumber(let offset): "invalid number at byte \(offset)"
        case .invalidEscape(let offset): "invalid escape at byte \(offset)"
        case .controlCharacter(let offset): "unescaped control character at byte \(offset)"
        case .invalidUTF8(let offset): "invalid UTF-8 at byte \(offset)"
        case .duplicateKey(let name, let offset): "duplicate key \(name.debugDescription) at byte \(offset)"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .trailingBytes(let offset): "bytes after the value at byte \(offset)"
        case .notAnObject: "not an object"
        }
    }
}
