/// Names a peer within its room. The peer proposes it; the server makes one when it does not.
///
/// Quotes and backslashes are out so that an id reads the same raw and escaped in JSON.
package struct PeerID: ValidatedText {
    package let text: String
    package static let rule = "a peer id is 1–128 printable ASCII characters without quote or backslash"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }
}
