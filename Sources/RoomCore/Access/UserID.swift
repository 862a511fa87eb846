/// Names a user over all rooms: a GitHub number, an issuer's subject, or an id we made.
package struct UserID: ValidatedText {
    package let text: String
    package static let rule = "a user id is 1–128 bytes without control characters"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && !text.utf8.contains(where: \.isControl)
    }
}
