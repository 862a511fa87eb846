import JSONWire
import RoomCore

/// One event of a stream, as it is kept and as it is sent.
package enum StreamEvent {
    /// Stamps an event with the moment at which it came, in seconds. Nil for what is no JSON object.
    ///
    /// It is written anew, so that it stands on one line however its sender laid it out.
    package static func stamped(_ text: [UInt8], at moment: Timestamp) -> [UInt8]? {
        guard let object = try? JSONValue.parse(text, maxDepth: WireLimits.jsonDepth).objectValue else { return nil }
        return stamped(object, at: moment)
    }

    package static func stamped(_ object: JSONObject, at moment: Timestamp) -> [UInt8] {
        var object = object
        object["_ts"] = .number(Double(moment.microseconds) / 1_000_000)
        return JSONValue.object(object).encoded()
    }

    /// The lines of a server-sent event (HTML, section 9.2): its place, so that who comes back goes on from there, and
    /// the event.
    package static func lines(_ event: [UInt8], at place: StreamPlace) -> [UInt8] {
        Array("id: \(place)\ndata: ".utf8) + event + Array("\n\n".utf8)
    }

    package static let opening = Array(": open\n\n".utf8)
    /// All that a reader is sent for whom there is no place: when to come back, in milliseconds.
    package static let comeBack = Array("retry: 5000\n\n".utf8)
    /// A comment, which browsers pass over; proxies see that the connection lives.
    package static let keepalive = Array(": keepalive\n\n".utf8)
}

/// Where in a stream a reader is: which buffer, and the number of the last event it has.
///
///     id: 5f0c9a1e2b3d4c6f.17
package struct StreamPlace: Hashable, Sendable, CustomStringConvertible {
    package var buffer: String
    package var number: Int

    package init(buffer: String, number: Int) {
        self.buffer = buffer
        self.number = number
    }

    /// What a browser sends back as `Last-Event-ID`; nil for what this server did not make.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 64, let number = Int(parts[1]), number >= 0 else { return nil }
        self.init(buffer: String(parts[0]), number: number)
    }

    package var description: String { "\(buffer).\(number)" }
}
