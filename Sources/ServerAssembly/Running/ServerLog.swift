import FoundationEssentials
import Glibc
import Logging
import RoomCore
import JSONWire

/// One log line per record on standard error: readable text, or JSON for collectors.
package struct ServerLog: LogHandler {
    private let format: Configuration.LogFormat
    private let label: String
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]

    package init(label: String, format: Configuration.LogFormat, level: Logger.Level) {
        self.label = label
        self.format = format
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
        let line =
            switch format {
            case .text: text(event, facts)
            case .json: json(event, facts)
            }
        line.withUnsafeBytes { bytes in _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }

    private func text(_ event: LogEvent, _ facts: [(key: String, value: Logger.MetadataValue)]) -> [UInt8] {
        let tail = facts.map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
        return Array("\(wallClock()) \(event.level.rawValue) \(event.message)\(tail)\n".utf8)
    }

    private func json(_ event: LogEvent, _ facts: [(key: String, value: Logger.MetadataValue)]) -> [UInt8] {
        var object: JSONObject = [
            "at": .string(wallClock().description), "level": .string(event.level.rawValue), "logger": .string(label),
            "message": .string(event.message.description),
        ]
        for (key, value) in facts where object[key] == nil { object[key] = .string("\(value)") }
        return JSONValue.object(object).encoded() + [UInt8(ascii: "\n")]
    }

    /// A value from outside cannot begin a line of its own.
    private static func quoted(_ value: String) -> String {
        value.contains { $0.isWhitespace || $0 == "\"" } || value.isEmpty
            ? String(decoding: JSONValue.string(value).encoded(), as: UTF8.self) : value
    }
}
