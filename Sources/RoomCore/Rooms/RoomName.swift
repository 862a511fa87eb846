/// What people call a room; not unique.
package struct RoomName: ValidatedText {
    package let text: String
    package static let rule = "a room name has 1–50 characters, no control characters, and not only spaces"

    package init(trusted text: String) { self.text = text }

    /// The bytes are bounded too, since one character may have any number of marks.
    package static func isValid(_ text: String) -> Bool {
        (1...400).contains(text.utf8.count) && text.count <= 50 && !text.utf8.contains(where: \.isControl)
            && text.utf8.contains { $0 != UInt8(ascii: " ") }
    }
}
