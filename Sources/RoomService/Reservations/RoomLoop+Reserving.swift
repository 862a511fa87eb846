import JSONWire
import RoomCore
import RoomStorage
import WireMessages

/// Workers that are kept for one client: on its wish, until it lets go, leaves, or the term ends.
extension RoomLoop {
    /// Workers of this server that one client may hold at once.
    private static let mostHeld = 16

    func reservation(_ type: MessageType, _ object: JSONObject, from session: Session) {
        let requestID = object["request_id"]?.stringValue.flatMap { RequestID($0) }
        guard mayAsk(session, requestID) else { return }
        let request: ReservationRequest
        do throws(FieldFault) {
            request = try ReservationRequest(type, object)
        } catch {
            return refuse(ErrorMessage(.invalid(error.description)), to: session, requestID: requestID)
        }
        do throws(Refusal) {
            try Permissions().check(.reserveWorkers, for: session.actor)
        } catch {
            return refuse(ErrorMessage(error), to: session, requestID: request.requestID)
        }
        let order = ReservationOrder(request, by: session, on: dependencies.server)
        if peers.find(request.worker) == nil, let remote = remotes.find(request.worker) {
            let failure = ErrorMessage(code: "DELIVERY_FAILED", message: "The server of \(request.worker) is away")
            return order.encoded.withUnsafeBytes {
                route($0, to: remote, from: session, failing: failure, requestID: request.requestID)
            }
        }
        offer(decide(order), to: session)
    }

    /// An order from another server; the answer goes back to the socket that asked.
    func obey(_ order: ReservationOrder) {
        // A holder that has left would keep the worker until the term ends: its leaving was heard of already.
        let isHere = remotes.find(order.peer)?.present.session == order.session
        let answer = isHere || order.request.termSeconds == nil ? decide(order) : Self.holderGone(order)
        dependencies.live.route(
            RoutedFrame(server: order.server, room: room, peer: order.peer, session: order.session, text: answer),
            answer: { _ in })
    }

    private static func holderGone(_ order: ReservationOrder) -> [UInt8] {
        let text = "The server of \(order.request.worker) does not see \(order.peer) in the room; ask again"
        return ErrorMessage(.unavailable(text)).encoded(requestID: order.request.requestID)
    }

    private func decide(_ order: ReservationOrder) -> [UInt8] {
        let request = order.request
        do throws(ReservationRefusal) {
            guard let worker = peers.find(request.worker), worker.role == .worker else {
                throw ReservationRefusal(.peerNotFound(request.worker.text))
            }
            guard let term = request.termSeconds else {
                if worker.reservation?.holder == order.peer { free(worker) }
                return ReservationRequest.released(request.worker, request.requestID)
            }
            let until = now.advanced(bySeconds: Int64(term))
            try grant(worker, to: order.peer, until: until)
            return ReservationRequest.reserved(request.worker, until: until, request.requestID)
        } catch {
            return error.message.encoded(requestID: request.requestID)
        }
    }

    private func grant(_ worker: Session, to holder: PeerID, until end: Timestamp) throws(ReservationRefusal) {
        let status = worker.metadata.status ?? Session.available
        if let standing = worker.reservation, standing.holder != holder, standing.until > now {
            throw ReservationRefusal(.workerBusy(worker.peer, status: "reserved"))
        }
        guard status == Session.available || worker.reservation?.holder == holder else {
            throw ReservationRefusal(.workerBusy(worker.peer, status: String(status.prefix(32))))
        }
        let held = reserved.count { $0 != worker.id && peers[$0]?.reservation?.holder == holder }
        guard held < Self.mostHeld else {
            throw ReservationRefusal(ErrorMessage(.limitReached("A client may hold \(Self.mostHeld) workers at once")))
        }
        worker.reserve(Reservation(holder: holder, until: end))
        reserved.insert(worker.id)
        showStatus(of: worker)
    }

    private func free(_ worker: Session) {
        if endReservation(of: worker) { showStatus(of: worker) }
    }

    /// False when there was none.
    @discardableResult
    func endReservation(of worker: Session) -> Bool {
        reserved.remove(worker.id)
        guard worker.reservation != nil else { return false }
        worker.reserve(nil)
        return true
    }

    private func showStatus(of worker: Session) {
        enterLive(worker)
        tellPresence(of: worker, online: true)
    }

    /// The holder is in the room no more, under no socket.
    func freeWorkers(of holder: PeerID) {
        guard !reserved.isEmpty, peers.find(holder) == nil, remotes.find(holder) == nil else { return }
        for worker in reserved.compactMap({ peers[$0] }) where worker.reservation?.holder == holder { free(worker) }
    }

    func freeExpired(at now: Timestamp) {
        for worker in reserved.compactMap({ peers[$0] }) {
            if let reservation = worker.reservation, reservation.until <= now { free(worker) }
        }
    }
}

/// Small, for a typed throw.
private final class ReservationRefusal: Error {
    let message: ErrorMessage

    init(_ message: ErrorMessage) { self.message = message }
}
