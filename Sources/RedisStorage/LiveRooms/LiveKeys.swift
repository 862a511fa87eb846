import RoomCore
import RoomStorage

/// Names of keys and channels. All keys of one room share its hash tag, so that they lie on one node of a cluster.
struct LiveKeys: Sendable {
    /// Channels know no database numbers, so that of ours stands in their names unless it is 0.
    private let channels: String

    init(database: Int) { channels = database == 0 ? "rooms" : "rooms/\(database)" }

    let servers = "rooms:servers"
    let mark = "rooms:mark"

    func manifest(_ room: RoomID) -> String { "rooms:{\(room)}:manifest" }
    func changes(_ room: RoomID) -> String { "rooms:{\(room)}:changes" }
    func peers(_ room: RoomID) -> String { "rooms:{\(room)}:peers" }
    func staged(_ room: RoomID) -> String { "rooms:{\(room)}:staged:\(UInt64.random(in: 0 ... .max))" }

    var everyone: String { "\(channels):all" }
    func channel(_ server: ServerID) -> String { "\(channels):server:\(server.text)" }
    func channel(_ room: RoomID) -> String { "\(channels):room:\(room)" }

    enum Channel: Equatable {
        case everyone
        case server(ServerID)
        case room(RoomID)
    }

    func channel(named name: String) -> Channel? {
        guard name != everyone else { return .everyone }
        let (server, room) = ("\(channels):server:", "\(channels):room:")
        if name.hasPrefix(server) { return .server(ServerID(String(name.dropFirst(server.count)))) }
        if name.hasPrefix(room) { return RoomID(String(name.dropFirst(room.count))).map { .room($0) } }
        return nil
    }
}
