/// Names a model within its room: 8 lowercase hex digits, with `-2`, `-3`… where two models wanted the same name.
///
/// It is a name and not a content identity: two models may propose the same one. ``Digest`` tells contents apart.
package struct ModelID: ValidatedText {
    package let text: String
    package static let rule = "a model id is 8 lowercase hex digits, optionally followed by -<number>"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (8...18).contains(bytes.count), bytes.prefix(8).allSatisfy(\.isLowercaseHex) else { return false }
        let suffix = bytes.dropFirst(8)
        guard let dash = suffix.first else { return true }
        return dash == UInt8(ascii: "-") && suffix.count > 1 && suffix.dropFirst().allSatisfy(\.isDigit)
    }

    /// The id without its `-n`.
    package var stem: Substring { text.prefix(8) }

    package func suffixed(_ number: Int) -> ModelID { ModelID(trusted: "\(stem)-\(number)") }
}
