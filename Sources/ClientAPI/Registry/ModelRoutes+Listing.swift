import HTTPServing
import HTTPWire
import JSONWire
import RoomCore
import WireMessages

/// The models of a room, searched as `list_models` does.
extension ModelRoutes {
    func list(_ request: Request) async throws -> Response {
        try await answering(request) {
            let limits = directory.dependencies.settings.limits
            return .listModels(try ListQuery(flat: Self.members(of: request.head.query), limits: limits))
        }
    }

    private static let flags: Set<String> = ["available", "stored", "include_deleted"]

    /// The parameters as a message has them: `tags` is a list, by commas or by being given again; empty is absent.
    private static func members(of query: HTTPQuery) throws(Refusal) -> JSONObject {
        var members: JSONObject = [:]
        for pair in query.pairs where !pair.value.isEmpty {
            switch pair.name {
            case "tags":
                let tags = pair.value.split(separator: ",").map { JSONValue.string(String($0)) }
                members["tags"] = .array((members["tags"]?.arrayValue ?? []) + tags)
            case "limit":
                guard let limit = Int(pair.value) else { throw .invalid("limit: must be a whole number") }
                members["limit"] = .integer(limit)
            case let flag where flags.contains(flag):
                guard let value = ["true": true, "1": true, "false": false, "0": false][pair.value] else {
                    throw .invalid("\(flag): must be true or false")
                }
                members[flag] = .bool(value)
            case "metrics":
                throw .invalid("metrics: ask by query, as in query=metrics.val_loss < 0.03")
            default:
                members[pair.name] = .string(pair.value)
            }
        }
        return members
    }
}
