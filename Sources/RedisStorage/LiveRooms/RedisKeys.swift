import RoomCore
import RoomStorage

/// What the keys and channels are called. Those of one room bear its id as their hash tag, hence lie in one slot.
struct RedisKeys: Sendable {
    private let prefix: String

    /// Channels, unlike keys, are shared by all databases of a Redis: so each but the first has names of its own.
    init(database: Int) { prefix = database == 0 ? "rooms" : "rooms@\(database)" }

    func manifest(_ room: RoomID) -> String { "\(prefix):{\(room)}:manifest" }
    func changes(_ room: RoomID) -> String { "\(prefix):{\(room)}:changes" }
    func peers(_ room: RoomID) -> String { "\(prefix):{\(room)}:peers" }
    func staged(_ room: RoomID, _ number: UInt64) -> String { "\(prefix):{\(room)}:staged:\(number)" }
    /// Each server with the moment its lease ends, by Redis's own clock.
    var servers: String { "\(prefix):servers" }
    /// Written to see whether writes are taken again.
    var trial: String { "\(prefix):trial" }

    func news(_ room: RoomID) -> String { "\(prefix):{\(room)}:news" }
    func server(_ server: ServerID) -> String { "\(prefix):server:\(server.text)" }
    var all: String { "\(prefix):all" }

    func value(_ key: HandoverKey) -> String { handover("value", key) }
    func buffer(_ key: HandoverKey) -> String { handover("buffer", key) }

    /// With the kind's length, so that no two pairs of kind and name make one key.
    private func handover(_ form: String, _ key: HandoverKey) -> String {
        "\(prefix):handover:\(form):\(key.kind.utf8.count):\(key.kind):\(key.name)"
    }
}
