import HTTPServing
import JSONWire
import RoomCore
import RoomService
import RoomStorage

/// Who is in a room, and how one comes into it and out of it.
struct MemberRoutes: Sendable {
    let access: AccountAccess
    let invites: Invites

    func add(to router: inout Router) {
        router.on(.post, "/api/auth/rooms/:room/invite") { try await invite($0) }
        router.on(.post, "/api/auth/rooms/join") { try await join($0) }
        router.on(.get, "/api/auth/rooms/:room/members") { try await list($0) }
        router.on(.delete, "/api/auth/rooms/:room/members/:user") { try await remove($0) }
    }

    private func invite(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let room = try request.room()
            return [
                "invite_code": .string(try await invites.create(for: room, by: user.id)),
                "room_id": .string(room.text), "expires_in_seconds": .integer(Int(Invites.termSeconds)),
            ]
        }
    }

    private func join(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, body in
            let code = try body.required("invite_code", body.string("invite_code", maxBytes: 64))
            let joined = try await invites.join(code, by: user.id)
            return [
                "message": joined.isNew ? "Joined successfully" : "Already a member",
                "room_id": .string(joined.room.text),
            ]
        }
    }

    private func list(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let members = try await access.accounts.members(of: try request.room(), for: user.id)
            return ["members": .array(members.map { .object(Self.entry($0)) })]
        }
    }

    private static func entry(_ member: Member) -> JSONObject {
        [
            "user_id": .string(member.membership.user.text), "username": .string(member.username), "avatar_url": .null,
            "role": .string(member.membership.role.rawValue),
            "joined_at": .string(member.membership.joinedAt.description),
        ]
    }

    private func remove(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let room = try request.room()
            guard let member = request.parameters["user"].flatMap(UserID.init) else {
                throw Accounts.Fault.notFound(Accounts.noSuchMember)
            }
            try await invites.removeMember(member, from: room, by: user.id)
            return member == user.id
                ? ["status": "left", "room_id": .string(room.text)]
                : ["status": "removed", "room_id": .string(room.text), "user_id": .string(member.text)]
        }
    }
}
