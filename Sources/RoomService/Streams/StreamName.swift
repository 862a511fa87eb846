import Cryptography
import JSONWire
import RoomCore
import RoomStorage
import WireMessages

/// Whose a stream is: what the first to open it wrote down for all servers.
///
///     {"room":…,"buffer":…,"renewed_at":…,"peer":…?,"owner":…?}
package struct StreamName: Sendable, Equatable {
    let room: RoomID
    /// Where its events lie. A buffer that begins anew has a new name, so that a number in it means one event for ever.
    var buffer: String
    /// The worker that has the job, and who it is; of a job's stream alone.
    let worker: StreamWriter?
    /// When it was last written down.
    var renewedAt: Timestamp

    init(room: RoomID, worker: StreamWriter?, at now: Timestamp) throws(StoreError) {
        self.room = room
        self.worker = worker
        renewedAt = now
        buffer = try Self.newBuffer()
    }

    init?(_ bytes: [UInt8]) {
        guard let object = try? JSONValue.parse(bytes, maxDepth: 2).objectValue,
            let room = object["room"]?.stringValue.flatMap(RoomID.init), let buffer = object["buffer"]?.stringValue
        else { return nil }
        self.room = room
        self.buffer = buffer
        renewedAt = Timestamp(seconds: Int64(object["renewed_at"]?.intValue ?? 0))
        let peer = object["peer"]?.stringValue.flatMap(PeerID.init)
        worker = peer.flatMap { peer in object["owner"]?.stringValue.map { StreamWriter(peer: peer, owner: $0) } }
    }

    func belongs(to room: RoomID, _ writer: StreamWriter) -> Bool {
        self.room == room && worker.map { $0 == writer } ?? true
    }

    var encoded: [UInt8] {
        var object: JSONObject = ["room": .string(room.text), "buffer": .string(buffer)]
        object["renewed_at"] = .integer(Int(renewedAt.seconds))
        if let worker {
            object["peer"] = .string(worker.peer.text)
            object["owner"] = .string(worker.owner)
        }
        return JSONValue.object(object).encoded()
    }

    static func newBuffer() throws(StoreError) -> String {
        do { return try SecureRandom.hex(bytes: 8) } catch { throw .unavailable("no random bytes: \(error)") }
    }

    static func key(of channel: StreamChannel) -> HandoverKey { HandoverKey(kind: "stream", name: channel.name) }
    var bufferKey: HandoverKey { HandoverKey(kind: "events", name: buffer) }
}

/// A worker as the writer of a stream: its peer id, and who holds that.
package struct StreamWriter: Sendable, Equatable {
    package let peer: PeerID
    package let owner: String

    package init(peer: PeerID, owner: String) {
        self.peer = peer
        self.owner = owner
    }
}

/// Why an event was not kept.
package enum StreamRefusal: Error, Equatable, Sendable {
    /// The stream is another room's, or the job another worker's.
    case notYours
    /// Too many streams, too many readers, or too much waits.
    case full
    case notAnObject
    /// The store that servers share cannot be used just now.
    case unavailable
}
