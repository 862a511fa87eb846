import RoomCore
import RoomStorage

/// One set of live rooms as two servers see it, and a way to let time pass.
package struct LiveRoomsUnderTest: Sendable {
    let here: any LiveRooms
    let there: any LiveRooms
    let pass: @Sendable (Duration) async throws -> Void
    let hereID = ServerID("here-\(uniqueHex())")
    let thereID = ServerID("there-\(uniqueHex())")

    /// - Parameter here: what one server uses.
    /// - Parameter there: what another uses; for live rooms in process the same.
    /// - Parameter pass: returns when so much time has passed for leases; a clock of the test's own need not wait.
    package init(
        here: any LiveRooms, there: any LiveRooms, pass: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.here = here
        self.there = there
        self.pass = pass
    }
}

/// Both servers listening, and following one room.
struct LiveEars {
    let room: RoomID
    let here = Inbox()
    let there = Inbox()
    private let listeners: [LiveListener]

    init(_ rooms: LiveRoomsUnderTest, room: RoomID = newRoomID()) async {
        self.room = room
        listeners = [
            await rooms.here.listen(as: rooms.hereID, hear: here.hear),
            await rooms.there.listen(as: rooms.thereID, hear: there.hear),
        ]
        await rooms.here.follow(room, as: rooms.hereID)
        await rooms.there.follow(room, as: rooms.thereID)
    }

    func close() {
        for listener in listeners { listener.cancel() }
    }
}

func newRoomID() -> RoomID { RoomID(trusted: uniqueHex()) }

extension LiveRoomsUnderTest {
    /// One step from `base`, its change and its field telling who made it.
    func commit(
        _ room: RoomID, from base: Int, by server: ServerID? = nil, epoch: Epoch = epoch, carriesChange: Bool = true
    ) -> LiveCommit {
        let server = server ?? hereID
        let text = Array("\(base + 1) by \(server.text)".utf8)
        let notice = RoomNotice(
            server: server, room: room, epoch: epoch, base: Revision(base), revision: Revision(base + 1),
            changes: carriesChange ? [text] : [])
        return LiveCommit(notice: notice, fields: [LiveField(name: "last", value: text)])
    }

    func manifest(_ room: RoomID, at revision: Int, epoch: Epoch = epoch, mark: String = "") -> LiveManifest {
        LiveManifest(
            room: room, epoch: epoch, revision: Revision(revision),
            fields: [LiveField(name: "last", value: Array("stored \(mark)".utf8))])
    }

    func peer(
        _ name: String, in room: RoomID, on server: ServerID? = nil, session: String = "s"
    ) -> PresentPeer {
        PresentPeer(
            room: room, peer: PeerID(trusted: name), server: server ?? hereID, session: session, owner: "user:o",
            role: .client, worker: nil, connectedAt: Timestamp(microseconds: 5), card: Array("{}".utf8))
    }

    /// Returns when what either server sent so far has been done: what one sends is done in order.
    func settle() async {
        _ = await here.servers()
        _ = await there.servers()
    }
}

extension LiveManifest {
    /// The same with its pieces in one order.
    var sorted: LiveManifest {
        LiveManifest(
            room: room, epoch: epoch, revision: revision, fields: fields.sorted { $0.name < $1.name })
    }
}
