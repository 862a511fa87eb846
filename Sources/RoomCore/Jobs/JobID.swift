/// Names a job, and the stream that tells of it. Made by this server or, for encrypted jobs, by the client.
package struct JobID: ValidatedText {
    package let text: String
    package static let rule = "a job id is 1–128 of A–Z a–z 0–9 _ . -"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { $0.isLetterOrDigit || "_.-".utf8.contains($0) }
    }
}
