/// Names a room: 8 lowercase hex digits when we make it, any short token when it came from elsewhere.
package struct RoomID: ValidatedText {
    package let text: String
    package static let rule = "a room id is 1–64 of A–Z a–z 0–9 _ -"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    }
}
