import RoomCore

/// What a peer calls one of its requests; the reply carries it back.
package struct RequestID: ValidatedText {
    package let text: String
    package static let rule = "request_id is a text of 1–64 characters"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 256 && text.count <= 64
    }
}

/// What makes a write safe to repeat.
package struct IdempotencyKey: ValidatedText {
    package let text: String
    package static let rule = "idempotency_key is a text of 1–128 characters"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 512 && text.count <= 128
    }
}
