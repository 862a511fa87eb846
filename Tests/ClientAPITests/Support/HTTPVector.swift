import Foundation
import JSONWire
import Testing

/// One scenario of a file in `Vectors/`; the notation is in its README.
struct HTTPVector: Sendable, CustomTestStringConvertible {
    struct Step: Sendable {
        let line: Int
        let verb: String
        let rest: String
    }

    let file: String
    let title: String
    var steps: [Step] = []

    var testDescription: String { "\(file): \(title)" }

    static func load(_ file: String) -> [HTTPVector] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        guard let text = try? String(contentsOf: folder.appending(path: "Vectors/\(file).txt"), encoding: .utf8) else {
            return []
        }
        var vectors: [HTTPVector] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(separator: " ", maxSplits: 1)
            guard let verb = words.first, verb != "#" else { continue }
            let rest = words.count > 1 ? String(words[1]) : ""
            if verb == "==" {
                vectors.append(HTTPVector(file: file, title: rest))
            } else if let last = vectors.indices.last {
                vectors[last].steps.append(Step(line: number + 1, verb: String(verb), rest: rest))
            }
        }
        return vectors
    }
}

/// What the `$` names of a scenario stand for.
struct Findings {
    private var texts: [String: String] = [:]

    /// A text with every known name replaced.
    func filled(_ text: String) -> String {
        var filled = text
        for (name, value) in texts.sorted(by: { $0.key.count > $1.key.count }) {
            filled = filled.replacingOccurrences(of: "$\(name)", with: value)
        }
        return filled
    }

    /// Where an answer differs from what was expected; empty when it does not.
    mutating func differences(_ found: JSONValue, from expected: JSONValue, at path: String = "$") -> [String] {
        switch (expected, found) {
        case (.string("*"), _): return []
        case (.string(let pattern), .string(let text)):
            return matches(text, pattern) ? [] : ["\(path) is \"\(text)\", not \"\(pattern)\""]
        case (.object(let wanted), .object(let given)):
            let names = Set(wanted.keys).union(given.keys).sorted()
            return names.flatMap { name -> [String] in
                guard let want = wanted[name] else { return ["\(path).\(name) is not expected"] }
                guard let have = given[name] else { return ["\(path).\(name) is missing"] }
                return differences(have, from: want, at: "\(path).\(name)")
            }
        case (.array(let wanted), .array(let given)):
            guard wanted.count == given.count else { return ["\(path) has \(given.count) elements"] }
            return wanted.indices.flatMap { differences(given[$0], from: wanted[$0], at: "\(path)[\($0)]") }
        default:
            return expected == found ? [] : ["\(path) is \(String(decoding: found.encoded(), as: UTF8.self))"]
        }
    }

    mutating func matches(_ text: String, _ pattern: String) -> Bool {
        guard pattern.hasPrefix("$") else { return Self.glob(text, filled(pattern)) }
        let parts = pattern.dropFirst().split(separator: "=", maxSplits: 1)
        let name = String(parts[0])
        if parts.count > 1, !Self.glob(text, String(parts[1])) { return false }
        if let known = texts[name] { return known == text }
        texts[name] = text
        return true
    }

    private static func glob(_ text: String, _ pattern: String) -> Bool {
        pattern.hasSuffix("*") ? text.hasPrefix(pattern.dropLast()) : text == pattern
    }
}
