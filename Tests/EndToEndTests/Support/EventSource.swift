import Foundation
import JSONWire
import Testing

/// Reads a stream of events as a browser would, in a process of its own.
final class EventSource {
    private let child: Child

    init(_ url: String, headers: [String] = [], files: TemporaryDirectory) throws {
        child = try Child(
            "/usr/bin/curl", ["-sN", "--noproxy", "*", "-D", "/dev/stderr"] + headers.flatMap { ["-H", $0] } + [url],
            files: files)
    }

    struct Event {
        let id: String
        let object: JSONObject
    }

    var head: String { child.errors }
    var hasEnded: Bool { child.status != nil }

    /// What came whole.
    var events: [Event] {
        child.output.components(separatedBy: "\n\n").dropLast().compactMap { block in
            let lines = block.split(separator: "\n")
            guard lines.count == 2, lines[0].hasPrefix("id: "), lines[1].hasPrefix("data: "),
                let object = try? JSONValue.parse(String(lines[1].dropFirst(6)), maxDepth: 64).objectValue
            else { return nil }
            return Event(id: String(lines[0].dropFirst(4)), object: object)
        }
    }

    func opened() async throws {
        try await eventually("the stream is open") { child.output.hasPrefix(": open\n\n") }
    }

    /// The events once there are so many.
    func events(_ count: Int) async throws -> [Event] {
        try await eventually("\(count) events") { events.count >= count }
        return events
    }

    deinit { _ = child.end(SIGKILL) }
}
