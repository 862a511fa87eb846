import JSONWire
import RoomCore

/// A worker that is kept for one client for a term.
struct Reservation: Equatable {
    let holder: PeerID
    let until: Timestamp

    init(holder: PeerID, until: Timestamp) {
        self.holder = holder
        self.until = until
    }

    init?(_ object: JSONObject) {
        guard let holder = object["holder"]?.stringValue.flatMap({ PeerID($0) }), let until = object["until"]?.intValue
        else { return nil }
        self.init(holder: holder, until: Timestamp(microseconds: Int64(until)))
    }

    var object: JSONObject {
        ["holder": .string(holder.text), "until": .integer(Int(until.microseconds))]
    }
}
