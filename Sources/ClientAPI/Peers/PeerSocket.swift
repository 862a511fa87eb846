import EventLoops
import HTTPServing
import JSONWire
import RoomService
import Synchronization
import WireMessages

/// One WebSocket of a peer: a stranger until it registers, then a session in a room.
///
///     stranger ──register──▶ admitting ──proved──▶ (moves to the room's loop) ──▶ admitted
///        ▲                      │ refused             register again ◀──────────────┘
///        └──────────────────────┘
///
/// While a credential is looked at, nothing more is read from the socket, so that each message is answered before the
/// next is seen.
package final class PeerSocket: WebSocketHandler {
    private enum State {
        case stranger
        case admitting(from: Seat?)
        case admitted(Seat)
        case ended
    }

    /// Where a peer sits.
    private struct Seat {
        let room: RoomLoop
        let session: SessionID
    }

    private let directory: RoomDirectory
    private let state = Mutex(State.stranger)

    package init(_ directory: RoomDirectory) { self.directory = directory }

    package func received(text: UnsafeRawBufferPointer, on channel: WebSocketChannel) {
        switch state.withLock({ $0 }) {
        case .admitted(let seat):
            let lent = LentBytes(text)
            let reception = seat.room.assumeIsolated { $0.receive(lent, from: seat.session) }
            if case .registration(let registration) = reception { admit(registration, from: seat, on: channel) }
        case .stranger:
            greet(text, on: channel)
        case .admitting, .ended:
            break
        }
    }

    package func drained(_ channel: WebSocketChannel) {
        guard case .admitted(let seat) = state.withLock({ $0 }) else { return }
        seat.room.assumeIsolated { $0.drained(seat.session) }
    }

    package func ended(_ channel: WebSocketChannel, _ end: WebSocketEnd) {
        let last = state.withLock { state in
            defer { state = .ended }
            return state
        }
        guard case .admitted(let seat) = last else { return }
        seat.room.assumeIsolated { $0.leave(seat.session) }
    }
}

// MARK: - Strangers

extension PeerSocket {
    /// The first thing said must be `register`; anything else is answered and the socket stays open.
    private func greet(_ text: UnsafeRawBufferPointer, on channel: WebSocketChannel) {
        do {
            let envelope = try Envelope(text)
            let object = try JSONValue.parse(text, maxDepth: WireLimits.jsonDepth).objectValue ?? [:]
            guard envelope.type == .register else {
                let requestID = object["request_id"]?.stringValue.flatMap(RequestID.init)
                return answer(StrangerAnswer(envelope, text), requestID, on: channel)
            }
            admit(try Registration(object), from: nil, on: channel)
        } catch let fault as JSONFault {
            refuse(ErrorMessage(fault), nil, on: channel)
        } catch {
            refuse(ErrorMessage(.invalid("\(error)")), nil, on: channel)
        }
    }

    private func answer(_ answer: StrangerAnswer, _ requestID: RequestID?, on channel: WebSocketChannel) {
        switch answer {
        case .silence: break
        case .error(let error): refuse(error, requestID, on: channel)
        case .notice(let error): channel.send(shared: error.encodedAsNotice())
        }
    }

    private func refuse(_ error: ErrorMessage, _ requestID: RequestID?, on channel: WebSocketChannel) {
        channel.send(shared: error.encoded(requestID: requestID))
    }
}

// MARK: - Admission

extension PeerSocket {
    private func admit(_ registration: Registration, from seat: Seat?, on channel: WebSocketChannel) {
        state.withLock { $0 = .admitting(from: seat) }
        channel.pauseReading()
        Task {
            do throws(AdmissionRefusal) {
                let (entry, room) = try await directory.admit(registration)
                channel.loop.execute { self.proved(entry, room, on: channel) }
            } catch {
                channel.loop.execute { self.refused(error, on: channel) }
            }
        }
    }

    private func refused(_ refusal: AdmissionRefusal, on channel: WebSocketChannel) {
        guard case .admitting(let seat) = state.withLock({ $0 }) else { return }
        switch refusal {
        case .unavailable:
            channel.close(.unavailable)
        case .refused(let error):
            settle(seat, on: channel)
            channel.send(shared: error.encoded(requestID: nil))
        }
    }

    /// The credential is good: the socket goes to live on the room's loop, and enters there.
    private func proved(_ entry: Entry, _ room: RoomLoop, on channel: WebSocketChannel) {
        guard case .admitting(let seat) = state.withLock({ $0 }) else { return }
        guard let loop = room.executor as? EventLoop else { preconditionFailure("rooms run on event loops") }
        if let seat, seat.room !== room { seat.room.assumeIsolated { $0.leave(seat.session) } }
        channel.move(to: loop) { moved in
            self.enter(entry, room, current: seat?.room === room ? seat?.session : nil, on: moved)
        }
    }

    private func enter(_ entry: Entry, _ room: RoomLoop, current: SessionID?, on channel: WebSocketChannel) {
        guard case .admitting = state.withLock({ $0 }) else { return }
        let session = room.assumeIsolated { room in
            room.enter(entry, channel: SocketPeerChannel(channel), current: current)
        }
        settle((session ?? current).map { Seat(room: room, session: $0) }, on: channel)
        guard let session else { return }
        Task { await directory.confirm(entry, of: session, in: room) }
    }

    private func settle(_ seat: Seat?, on channel: WebSocketChannel) {
        state.withLock { state in
            if case .ended = state { return }
            state = seat.map(State.admitted) ?? .stranger
        }
        channel.resumeReading()
    }
}
