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
        try await access.answering(request) { user, body in
            let room = try request.room()
            let terms = try Self.terms(body)
            var answer: JSONObject = [
                "invite_code": .string(try await invites.create(for: room, by: user.id, terms)),
                "room_id": .string(room.text), "expires_in_seconds": .integer(terms.seconds),
            ]
            // Who asks for none of the terms is answered as ever.
            if body.has("role") { answer["role"] = .string(terms.role.rawValue) }
            if body.has("uses") { answer["uses"] = terms.uses.map { .integer($0) } ?? .null }
            return answer
        }
    }

    private static func terms(_ body: FieldReader) throws(FieldFault) -> Invites.Terms {
        var terms = Invites.Terms()
        terms.uses = try body.integer("uses", in: Invites.Terms.uses)
        terms.seconds = try body.integer("expires_in_seconds", in: Invites.Terms.seconds) ?? terms.seconds
        guard let role = try body.choice("role", of: MemberRole.self) else { return terms }
        guard Invites.Terms.roles.contains(role) else {
            throw FieldFault("role", "must be one of maintainer, publisher, worker, viewer; owners are made by name")
        }
        terms.role = role
        return terms
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
            "role": .string(member.membership.role.formerName),
            "joined_at": .string(member.membership.joinedAt.description),
        ]
    }

    private func remove(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let room = try request.room()
            let member = try request.user()
            try await access.accounts.removeMember(member, from: room, by: user.id)
            return member == user.id
                ? ["status": "left", "room_id": .string(room.text)]
                : ["status": "removed", "room_id": .string(room.text), "user_id": .string(member.text)]
        }
    }
}
