import HTTPServing
import JSONWire
import RoomCore
import RoomService
import WireMessages

/// The models of a room, and one by its id or alias, now or as it was.
struct ModelRoutes: Sendable {
    let accounts: Accounts
    let directory: RoomDirectory

    func add(to router: inout Router) {
        router.on(.get, "/api/rooms/:room/models") { try await list($0) }
        router.on(.get, "/api/rooms/:room/models/:model") { try await show($0) }
        router.on(.get, "/api/rooms/:room/aliases/:alias/history") { try await history($0) }
    }

    private func show(_ request: Request) async throws -> Response {
        try await answering(request) {
            .modelInfo(request.parameters["model"] ?? "", at: try request.query.point())
        }
    }

    /// Every move of an alias, oldest first, with its reason.
    private func history(_ request: Request) async throws -> Response {
        try await answering(request) {
            guard let alias = request.parameters["alias"].flatMap(Alias.init) else {
                throw FieldFault("alias", Alias.rule)
            }
            var query = HistoryQuery()
            query.subject = .alias(alias)
            query.after = try request.query.revision("after") ?? .zero
            query.limit =
                try request.query.whole("limit", in: 1...directory.dependencies.settings.limits.pageModels) ?? 100
            return .history(query)
        }
    }

    func answering(_ request: Request, _ query: () throws -> RegistryQuery) async throws -> Response {
        try await AccountAccess.answering {
            guard let caller = try await accounts.caller(bearer: try AccountAccess.bearer(of: request)) else {
                return AccountAccess.unproved
            }
            let id = try request.room()
            guard let role = try await accounts.role(of: caller, in: id), Permissions().allow(.readRoom, to: role),
                let room = try await directory.room(id)
            else { throw Accounts.Fault.notFound("Room not found or you don't have access") }
            do {
                return .json(raw: try await room.ask(try query()).get().answer)
            } catch let refusal as Refusal {
                return .refusal(refusal)
            }
        }
    }
}
