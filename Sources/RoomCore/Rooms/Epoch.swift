/// One unbroken history of a room; it changes only when the room is restored to an earlier state.
package struct Epoch: ValidatedText {
    package let text: String
    package static let rule = "an epoch is 1–64 of A–Z a–z 0–9 _ -"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool { RoomID.isValid(text) }
}
