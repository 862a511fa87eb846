import Foundation
import Testing

/// One case of `Vectors/workers.txt`.
struct RequestVector: Sendable, CustomTestStringConvertible {
    let title: String
    let method: String
    let path: String
    let who: String
    let body: String?
    let status: Int
    let reply: String
    /// What the worker is sent; nil where it is sent nothing.
    let frame: String?
    var testDescription: String { title }

    static let all: [RequestVector] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Vectors/workers.txt")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "\n== ").dropFirst().map(RequestVector.init)
    }()

    private init(_ text: String) {
        let lines = text.split(separator: "\n").map(String.init)
        let line = { (mark: String) in lines.first { $0.hasPrefix(mark) }.map { String($0.dropFirst(2)) } }
        title = lines[0]
        let request = (line("> ") ?? "").split(separator: " ", maxSplits: 4).map(String.init)
        (method, path, who) = (request[0], request[1], request[3])
        body = request.count > 4 ? request[4] : nil
        let answer = (line("< ") ?? "").split(separator: " ", maxSplits: 1).map(String.init)
        status = Int(answer[0]) ?? 0
        reply = answer.count > 1 ? answer[1] : ""
        frame = line("w ")
    }

    /// Whether a text is a pattern's, where `*` stands for anything.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        let parts = pattern.components(separatedBy: "*")
        guard parts.count > 1 else { return text == pattern }
        guard text.hasPrefix(parts[0]), text.hasSuffix(parts[parts.count - 1]) else { return false }
        var rest = text.dropFirst(parts[0].count)
        for part in parts.dropFirst() where !part.isEmpty {
            guard let range = rest.range(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
