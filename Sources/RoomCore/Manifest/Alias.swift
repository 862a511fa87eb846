/// A movable name for a model, unique in its room and case-sensitive.
package struct Alias: ValidatedText {
    package let text: String
    package static let rule = """
        an alias is 1–64 of A–Z a–z 0–9 _ - . with none of - _ . at either end, not 8 hex digits, \
        and none of all, latest, none, null
        """

    private static let reserved: Set<String> = ["all", "latest", "none", "null"]

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...64).contains(bytes.count), let first = bytes.first, let last = bytes.last,
            first.isLetterOrDigit, last.isLetterOrDigit,
            bytes.allSatisfy({ $0.isLetterOrDigit || [0x5F, 0x2D, 0x2E].contains($0) })
        else { return false }
        if bytes.count == 8, bytes.allSatisfy(\.isHex) { return false }
        return !reserved.contains(text.lowercased())
    }
}
