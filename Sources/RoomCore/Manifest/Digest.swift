/// A SHA-256 as 64 lowercase hex digits.
package struct Digest: ValidatedText {
    package let text: String
    package static let rule = "a digest is 64 lowercase hex digits (SHA-256)"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy(\.isLowercaseHex)
    }
}
