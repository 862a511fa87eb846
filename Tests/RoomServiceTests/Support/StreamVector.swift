import Foundation
import Testing

/// One case of `Vectors/streams.txt`.
struct StreamVector: Sendable, CustomTestStringConvertible {
    let title: String
    let frame: String
    /// Nil: it goes nowhere.
    let outcome: (stream: String, event: String)?
    var testDescription: String { title }

    static let all: [StreamVector] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Vectors/streams.txt")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "\n== ").dropFirst().map(StreamVector.init)
    }()

    private init(_ text: String) {
        let lines = text.split(separator: "\n")
        title = String(lines[0])
        // `\n` outside of a JSON text is a line end; `\\n` is what JSON writes for one.
        frame = lines.filter { $0.hasPrefix("> ") }.map { $0.dropFirst(2) }.joined()
            .replacing("\\\\", with: "\u{1}").replacing("\\n", with: "\n").replacing("\u{1}", with: "\\")
        let answer = lines.first { $0.hasPrefix("< ") }?.dropFirst(2) ?? ""
        if answer == "nothing" {
            outcome = nil
        } else {
            let parts = answer.split(separator: " ", maxSplits: 1)
            outcome = (String(parts[0]), String(parts[1]))
        }
    }

    func isEvent(_ text: String) -> Bool {
        guard let outcome else { return false }
        let parts = outcome.event.components(separatedBy: "*")
        return parts.count == 2 && text.hasPrefix(parts[0]) && text.hasSuffix(parts[1])
            && Double(text.dropFirst(parts[0].count).dropLast(parts[1].count)) != nil
    }
}
