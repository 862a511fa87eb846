import Foundation
import Testing

@testable import HTTPWire

/// One case of a file in `Vectors/`; the notation is in its README.
struct WireVector: Sendable, CustomTestStringConvertible {
    var title: String
    var limits = HTTPLimits()
    var answering = HTTPMethod.get
    var input: [UInt8] = []
    var closes = false
    var expected: [String] = []

    var testDescription: String { title }

    /// The lines of `log` this case speaks about: heads, bodies, ends and faults always, the rest when it names the kind.
    func relevant(_ log: [String]) -> [String] {
        let kinds = Set(["head", "body", "end", "fault"]).union(expected.map(Self.kind))
        return log.filter { kinds.contains(Self.kind($0)) }
    }

    private static func kind(_ line: String) -> String {
        String(line.prefix { $0 != " " })
    }
}

struct MalformedVector: Error {
    let file: String
    let line: String
}

extension WireVector {
    static func load(_ name: String) throws -> [WireVector] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appendingPathComponent("Vectors/\(name).txt")
        var vectors: [WireVector] = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("== ") {
                vectors.append(WireVector(title: String(line.dropFirst(3))))
                continue
            }
            guard let last = vectors.indices.last, vectors[last].read(line) else {
                throw MalformedVector(file: name, line: String(line))
            }
        }
        return vectors
    }

    /// False when the line is in no notation known.
    private mutating func read(_ line: Substring) -> Bool {
        let rest = line.drop { $0 != " " }.dropFirst()
        switch line.prefix(while: { $0 != " " }) {
        case ">": return Self.unescape(rest).map { input += $0 } != nil
        case "<": return Self.unescape(rest).map { expected.append(String(decoding: $0, as: UTF8.self)) } != nil
        case "close": closes = true
        case "answering": return HTTPMethod(String(rest)).map { answering = $0 } != nil
        case "limits": return readLimits(rest)
        default: return false
        }
        return true
    }

    private mutating func readLimits(_ text: Substring) -> Bool {
        var values: [String: Int] = [:]
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=")
            guard parts.count == 2, let value = Int(parts[1]) else { return false }
            values[String(parts[0])] = value
        }
        let usual = HTTPLimits()
        func take(_ name: String, _ usual: Int) -> Int { values.removeValue(forKey: name) ?? usual }
        limits = HTTPLimits(
            maxRequestLine: take("maxRequestLine", usual.maxRequestLine),
            maxHeaderBytes: take("maxHeaderBytes", usual.maxHeaderBytes),
            maxHeaderCount: take("maxHeaderCount", usual.maxHeaderCount),
            maxBodyBytes: take("maxBodyBytes", usual.maxBodyBytes),
            maxChunkLine: take("maxChunkLine", usual.maxChunkLine),
            maxExtensionBytes: take("maxExtensionBytes", usual.maxExtensionBytes),
            maxTrailerBytes: take("maxTrailerBytes", usual.maxTrailerBytes))
        return values.isEmpty
    }

    /// The bytes of a text, or nil for an escape that is none.
    static func unescape(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text
        while let character = rest.popFirst() {
            guard character == "\\" else {
                bytes += Array(String(character).utf8)
                continue
            }
            switch rest.popFirst() {
            case "r": bytes.append(0x0d)
            case "n": bytes.append(0x0a)
            case "t": bytes.append(0x09)
            case "s": bytes.append(0x20)
            case "0": bytes.append(0x00)
            case "\\": bytes.append(0x5c)
            case "x":
                guard rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
                bytes.append(byte)
                rest = rest.dropFirst(2)
            case "{":
                let parts = rest.prefix { $0 != "}" }.split(separator: " ", maxSplits: 1)
                guard parts.count == 2, let count = Int(parts[0]), let unit = unescape(parts[1]) else { return nil }
                bytes += (0..<count).flatMap { _ in unit }
                rest = rest.drop { $0 != "}" }.dropFirst()
            default: return nil
            }
        }
        return bytes
    }
}
