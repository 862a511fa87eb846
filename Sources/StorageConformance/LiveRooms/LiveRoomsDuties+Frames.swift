import RoomCore
import RoomStorage
import Synchronization
import Testing

extension LiveRoomsDuties {
    static let frames: [Duty<LiveRoomsUnderTest>] = [
        Duty("frames reach the server they are for, all and in order, and are answered") { rooms in
            let ears = await LiveEars(rooms)
            let frames = (0..<100).map { frame($0, in: ears.room, to: rooms.thereID) }
            let delivered = Mutex(0)
            for frame in frames {
                rooms.here.route(frame) { isDelivered in delivered.withLock { $0 += isDelivered ? 1 : 0 } }
            }
            let heard = await ears.there.wait { $0.count >= 100 }
            #expect(heard == frames.map { LiveNews.frame($0) })
            await rooms.settle()
            #expect(delivered.withLock { $0 } == 100)
            #expect(ears.here.all.isEmpty)
            ears.close()
        },
        Duty("a frame for a server that does not listen is answered so") { rooms in
            let ears = await LiveEars(rooms)
            let isDelivered = await withCheckedContinuation { continuation in
                rooms.here.route(frame(1, in: ears.room, to: ServerID("nobody-\(uniqueHex())"))) {
                    continuation.resume(returning: $0)
                }
            }
            #expect(!isDelivered)
            ears.close()
        },
        Duty("an order reaches every other server and not its own") { rooms in
            let ears = await LiveEars(rooms)
            let (order, mark) = (Array("revoke \(uniqueHex())".utf8), Array("mark \(uniqueHex())".utf8))
            rooms.here.broadcast(order, from: rooms.hereID)
            #expect(await ears.there.wait(for: .order(order)).contains(.order(order)))
            rooms.there.broadcast(mark, from: rooms.thereID)
            #expect(await ears.here.wait(for: .order(mark)).contains(.order(mark)))
            #expect(!ears.here.all.contains(.order(order)))
            ears.close()
        },
    ]

    private static func frame(_ number: Int, in room: RoomID, to server: ServerID) -> RoutedFrame {
        RoutedFrame(
            server: server, room: room, peer: PeerID(trusted: "worker 1"), session: "session",
            text: Array("{\"number\":\(number),\"мышь\":true}".utf8))
    }
}
