import JSONWire
import RoomCore

/// Word that somebody's right in a room changed: every server that has the room open looks at the record.
///
///     {"access":"changed","room":…}
struct AccessNote: Equatable {
    let room: RoomID

    init(_ room: RoomID) { self.room = room }

    /// Nil for another word.
    init?(_ bytes: [UInt8]) {
        guard let object = try? JSONValue.parse(bytes, maxDepth: 2).objectValue,
            object["access"]?.stringValue == "changed", let room = object["room"]?.stringValue.flatMap(RoomID.init)
        else { return nil }
        self.room = room
    }

    var encoded: [UInt8] { JSONValue.object(["access": "changed", "room": .string(room.text)]).encoded() }
}
