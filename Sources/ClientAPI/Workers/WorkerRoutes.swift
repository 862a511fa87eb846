import HTTPServing
import HTTPWire
import JSONWire
import RoomCore
import RoomService
import WireMessages

/// Jobs, folders and messages for workers over HTTP, in the shapes that sleap-rtc clients know.
package struct WorkerRoutes: Sendable {
    private let desk: WorkerDesk

    package init(_ desk: WorkerDesk) { self.desk = desk }

    package func add(to router: inout Router) {
        router.on(.post, "/api/jobs/submit") { try await submit($0) }
        router.on(.post, "/api/jobs/:job/cancel") { request in
            try await passing(on: request, ["status": "cancel_sent"]) { try Self.cancel(request, $0) }
        }
        router.on(.post, "/api/fs/list") { try await passing(on: $0, Self.isForwarded, Self.folder) }
        router.on(.post, "/api/worker/message") { request in
            try await passing(on: request, Self.isForwarded) { try Self.message($0, WorkerOrder.passedOn) }
        }
        router.on(.post, "/api/worker/key") { request in
            try await passing(on: request, Self.isForwarded) { try Self.message($0, ["key_exchange"]) }
        }
        router.on(.post, "/api/worker/fs") { try await passing(on: $0, Self.isForwarded, Self.encrypted) }
        router.on(.post, "/api/worker/job") { try await submitEncrypted($0) }
    }

    private static let isForwarded: JSONObject = ["status": "request_forwarded"]

    private func submit(_ request: Request) async throws -> Response {
        await Relaying.answering {
            let caller = try await desk.caller(bearer: AccountAccess.bearer(of: request))
            let body = FieldReader(try request.json())
            let config = try body.required("config", body.object("config"))
            let job = try await desk.submit(config, to: WorkerErrand(body), by: caller)
            return .json(raw: JSONValue.object(["job_id": .string(job.text)]).encoded())
        }
    }

    private func submitEncrypted(_ request: Request) async throws -> Response {
        await Relaying.answering {
            let caller = try await desk.caller(bearer: request.bearer)
            let body = FieldReader(try request.json())
            try await desk.submit(encrypted: Self.encrypted(body), to: WorkerErrand(body), by: caller)
            return .json(raw: JSONValue.object(Self.isForwarded).encoded())
        }
    }

    private func passing(
        on request: Request, _ reply: JSONObject, _ frame: @Sendable (FieldReader) throws -> [UInt8]
    ) async throws -> Response {
        await Relaying.answering {
            let caller = try await desk.caller(bearer: AccountAccess.bearer(of: request))
            let body = FieldReader(try request.json())
            try await desk.send(frame(body), to: WorkerErrand(body), by: caller)
            return .json(raw: JSONValue.object(reply).encoded())
        }
    }
}

// MARK: - What the worker is sent

extension WorkerRoutes {
    private static func cancel(_ request: Request, _ body: FieldReader) throws -> [UInt8] {
        guard let job = request.parameters["job"].flatMap(JobID.init) else {
            throw FieldFault("job_id", JobID.rule)
        }
        return WorkerOrder.jobCancel(job, try body.choice("mode") ?? .cancel)
    }

    private static func folder(_ body: FieldReader) throws -> [UInt8] {
        WorkerOrder.fsListRequest(
            try body.required("req_id", body.string("req_id", maxBytes: 256)),
            path: try body.required("path", body.string("path", maxBytes: 4096)),
            offset: try body.integer("offset", in: 0...1_000_000_000) ?? 0)
    }

    /// A message of one of the types, as it stands.
    private static func message(_ body: FieldReader, _ types: Set<String>) throws -> [UInt8] {
        let message = try body.required("message", body.object("message"))
        guard let type = message["type"]?.stringValue, types.contains(type) else {
            throw RelayRefusal.invalid("message.type: must be one of \(types.sorted().joined(separator: ", "))")
        }
        if type == "key_exchange" {
            let fields = FieldReader(message, path: "message")
            _ = try fields.required("session_id", fields.string("session_id", maxBytes: 256))
            _ = try fields.required("public_key", fields.string("public_key", maxBytes: 1024))
        }
        return JSONValue.object(message).encoded()
    }

    private static func encrypted(_ body: FieldReader) throws -> [UInt8] {
        WorkerOrder.encryptedRelay(
            session: try body.required("session_id", body.string("session_id", maxBytes: 256)),
            nonce: try body.required("nonce", body.string("nonce", maxBytes: 256)),
            ciphertext: try body.required("ciphertext", body.string("ciphertext", maxBytes: 1 << 20)))
    }
}
