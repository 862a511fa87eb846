import HTTPServing
import HTTPWire
import JSONWire
import RoomCore
import RoomService
import WireMessages

/// The relay's streams: server-sent events of workers and jobs (HTML, section 9.2), under `/relay` and without it.
package struct StreamRoutes: Sendable {
    private let desk: WorkerDesk
    private let streams: EventStreams

    package init(_ desk: WorkerDesk, _ streams: EventStreams) {
        self.desk = desk
        self.streams = streams
    }

    package func add(to router: inout Router) {
        router.on(.get, "/relay/health") { _ in health }
        for prefix in ["/relay", ""] {
            router.on(.post, prefix + "/publish/:channel") { await publish($0) }
            router.on(.get, prefix + "/stream/:channel") { await stream($0) }
        }
    }

    private var health: Response {
        let counts = streams.counts
        let body: JSONObject = [
            "status": "ok", "channels": .integer(counts.streams), "total_subscribers": .integer(counts.readers),
        ]
        return .json(raw: JSONValue.object(body).encoded())
    }

    private func publish(_ request: Request) async -> Response {
        await Relaying.answering {
            let caller = try await desk.caller(bearer: request.bearer)
            try await desk.publish(request.json(), to: Self.channel(request), in: Self.room(request), by: caller)
            return .empty(.noContent)
        }
    }

    private func stream(_ request: Request) async -> Response {
        await Relaying.answering {
            let last = request.head.fields.all("last-event-id").first.flatMap(StreamPlace.init)
            do {
                let reader = try await desk.read(
                    Self.channel(request), in: Self.room(request), after: last, bearer: request.bearer)
                return Self.events(.stream { try await Self.send(reader, to: $0) })
            } catch RelayRefusal.full {
                // A browser's `EventSource` gives up for ever at any status but 200; at an end it comes back.
                return Self.events(.bytes(StreamEvent.comeBack))
            }
        }
    }

    private static func events(_ body: Response.Body) -> Response {
        var response = Response(.ok, body: body)
        response.fields.append("Content-Type", "text/event-stream")
        response.fields.append("Cache-Control", "no-cache")
        // Proxies such as nginx must not gather what is meant to be seen now.
        response.fields.append("X-Accel-Buffering", "no")
        return response
    }

    /// The peer's own pace: nothing more is taken while what it was sent is on its way.
    private static func send(_ reader: StreamReader, to writer: ResponseWriter) async throws {
        try await writer.write(StreamEvent.opening)
        while let lines = await reader.next() { try await writer.write(lines) }
    }

    private static func channel(_ request: Request) throws -> StreamChannel {
        guard let channel = request.parameters["channel"].flatMap(StreamChannel.init) else {
            throw RelayRefusal.notFound("A stream is called worker:<peer id>, or as its job")
        }
        return channel
    }

    private static func room(_ request: Request) throws -> RoomID? {
        guard let pair = request.head.query.pairs.first(where: { $0.name == "room_id" }) else { return nil }
        guard let room = RoomID(pair.value) else { throw FieldFault("room_id", RoomID.rule) }
        return room
    }
}
