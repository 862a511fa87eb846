import EventLoops

extension WebSocketConnection {
    func move(to loop: EventLoop, _ then: @escaping @Sendable (WebSocketChannel) -> Void) {
        guard socket != nil, life.handler != nil else { return }
        departure = (loop, then)
        if !isDelivering { depart() }
    }

    /// Leaves this loop, unless the socket is past leaving: then its end is told here.
    func depart() {
        guard let (target, then) = departure, let socket else { return }
        departure = nil
        guard let detached = socket.detach() else { return }
        share.release(socket)
        lane.webSocketsOpen.add(-1)
        cancelAlarm()
        self.socket = nil
        channel = nil
        let (life, server) = (life.take(), share.server)
        target.execute { Self.arrive(detached, life, on: server.share(on: target), then) }
    }

    private static func arrive(
        _ detached: DetachedSocket, _ life: WebSocketLife, on share: LoopShare,
        _ then: @Sendable (WebSocketChannel) -> Void
    ) {
        let connection = WebSocketConnection(life, on: share)
        let channel = connection.makeChannel(detached.peer)
        do throws(LoopFault) {
            let socket = try StreamSocket.attach(detached, to: share.loop, handler: connection)
            connection.settle(socket)
            share.admit(socket)
            // Nothing new before what was kept.
            socket.pauseReading()
            connection.calling { then(channel) }
            connection.goOn()
        } catch {
            share.lane.webSocketsOpen.add(1)
            then(channel)
            connection.tell(.lost(.closedHere))
        }
    }
}
