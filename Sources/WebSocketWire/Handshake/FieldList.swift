/// Header field values as comma-separated lists, over one or several field lines (RFC 9110 §5.6.1).
///
/// Compares bytes: as `String` equality would have it, a Kelvin sign is a K.
enum FieldList {
    /// The elements of all lines in order, without the white space around them and without empty ones.
    static func elements(of lines: [String]) -> [String] {
        lines.flatMap { line in line.utf8.split(separator: UInt8(ascii: ",")).map(trimmed) }.filter { !$0.isEmpty }
    }

    static func contains(_ name: String, in lines: [String]) -> Bool {
        elements(of: lines).contains { isSame($0, name) }
    }

    static func isSame(_ one: String, _ other: String) -> Bool {
        one.utf8.lazy.map(lowercased).elementsEqual(other.utf8.lazy.map(lowercased))
    }

    /// A token (RFC 9110 §5.6.2): visible ASCII without separators, at least one character.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !separators.contains($0) }
    }

    static func trimmed(_ text: some BidirectionalCollection<UInt8>) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        let start = text.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { start.index(after: $0) } ?? start.startIndex
        return String(decoding: start[..<end], as: UTF8.self)
    }

    private static let separators = Array("()<>@,;:\\\"/[]?={}".utf8)

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}
