import JSONWire
import RoomCore
import RoomStorage
import WireMessages

/// A client's wish for a worker, on its way to the server that the worker sits on: that one alone decides, so of two
/// wishes one wins, and a reservation ends with its worker.
///
///     0x01 {"peer":"alice","session":"…","server":"…","worker":"w1","request_id":"7","term":60}
///
/// It travels as a frame to the worker. The first byte is none that a text of a peer can begin with.
struct ReservationOrder: Equatable {
    let request: ReservationRequest
    let peer: PeerID
    let session: String
    let server: ServerID

    static let mark: UInt8 = 1

    init(_ request: ReservationRequest, of peer: PeerID, _ session: String, on server: ServerID) {
        self.request = request
        self.peer = peer
        self.session = session
        self.server = server
    }

    init(_ request: ReservationRequest, by session: Session, on server: ServerID) {
        self.init(request, of: session.peer, session.publicID, on: server)
    }

    /// Nil for a frame that is meant for the worker itself, and for what this version does not understand.
    init?(_ frame: [UInt8]) {
        guard frame.first == Self.mark,
            let object = try? JSONValue.parse(frame.dropFirst(), maxDepth: 2).objectValue,
            let peer = object["peer"]?.stringValue.flatMap({ PeerID($0) }),
            let session = object["session"]?.stringValue, let server = object["server"]?.stringValue,
            let request = try? ReservationRequest(object["term_s"] == nil ? .release : .reserve, object)
        else { return nil }
        self.init(request, of: peer, session, on: ServerID(server))
    }

    var encoded: [UInt8] {
        var object: JSONObject = [
            "peer": .string(peer.text), "session": .string(session), "server": .string(server.text),
            "target": .string(request.worker.text), "request_id": .string(request.requestID.text),
        ]
        if let term = request.termSeconds { object["term_s"] = .integer(term) }
        return [Self.mark] + JSONValue.object(object).encoded()
    }
}
