/// The stable name of a worker within its room; it outlives the worker's sockets and peer ids.
package struct WorkerName: ValidatedText {
    package let text: String
    package static let rule = "a worker name is 1–128 bytes without control characters"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && !text.utf8.contains(where: \.isControl)
    }
}
