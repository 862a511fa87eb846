import HTTPServing
import JSONWire
import RoomCore
import RoomService
import RoomStorage

/// Who may do what in a room: its policy, its members' roles, and the roles of groups.
struct AccessRoutes: Sendable {
    let access: AccountAccess
    private var accounts: Accounts { access.accounts }

    func add(to router: inout Router) {
        router.on(.get, "/api/rooms/:room/policy") { try await showPolicy($0) }
        router.on(.put, "/api/rooms/:room/policy") { try await setPolicy($0) }
        router.on(.get, "/api/rooms/:room/groups") { try await showGroups($0) }
        router.on(.put, "/api/rooms/:room/groups") { try await setGroups($0) }
        router.on(.get, "/api/rooms/:room/members") { try await list($0) }
        router.on(.get, "/api/rooms/:room/members/:user") { try await show($0) }
        router.on(.patch, "/api/rooms/:room/members/:user") { try await setRole($0) }
        router.on(.delete, "/api/rooms/:room/members/:user") { try await remove($0) }
    }
}

// MARK: - Policy and groups

extension AccessRoutes {
    private func showPolicy(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            try await accounts.policy(of: try request.room(), for: user.id).json
        }
    }

    private func setPolicy(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, body in
            let policy = try RoomPolicy(body)
            try await accounts.setPolicy(policy, of: try request.room(), by: user.id)
            return policy.json
        }
    }

    private func showGroups(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            Self.json(try await accounts.groupRoles(in: try request.room(), for: user.id))
        }
    }

    private func setGroups(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, body in
            let roles = try Self.groupRoles(body)
            try await accounts.setGroupRoles(roles, in: try request.room(), by: user.id)
            return Self.json(roles)
        }
    }

    private static func json(_ roles: [GroupRole]) -> JSONObject {
        [
            "groups": .array(
                roles.map { ["group": .string($0.group.text), "role": .string($0.role.rawValue)] })
        ]
    }

    private static func groupRoles(_ body: FieldReader) throws(FieldFault) -> [GroupRole] {
        let values = try body.required("groups", body.array("groups", maxCount: GroupRole.mostPerRoom))
        var roles: [GroupRole] = []
        for (index, value) in values.enumerated() {
            let path = "groups[\(index)]"
            guard let object = value.objectValue else { throw FieldFault(path, "must be an object") }
            let entry = FieldReader(object, path: path)
            let group = try entry.required("group", entry.name("group", as: GroupName.self))
            guard !roles.contains(where: { $0.group == group }) else {
                throw FieldFault(entry.path("group"), "is named twice: a room gives a group one role")
            }
            roles.append(GroupRole(group: group, role: try entry.required("role", entry.choice("role"))))
        }
        return roles.sorted { $0.group < $1.group }
    }
}

// MARK: - Members

extension AccessRoutes {
    private func list(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let members = try await accounts.members(of: try request.room(), for: user.id)
            return ["members": .array(members.map { .object(Self.entry($0)) })]
        }
    }

    private func show(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            Self.entry(try await accounts.member(try request.user(), of: try request.room(), for: user.id))
        }
    }

    private func setRole(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, body in
            let role = try body.required("role", body.choice("role", of: MemberRole.self))
            return Self.entry(
                try await accounts.setRole(role, of: try request.user(), in: try request.room(), by: user.id))
        }
    }

    private func remove(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let (room, member) = (try request.room(), try request.user())
            try await accounts.removeMember(member, from: room, by: user.id)
            return ["status": "removed", "room_id": .string(room.text), "user_id": .string(member.text)]
        }
    }

    private static func entry(_ member: Member) -> JSONObject {
        let membership = member.membership
        return [
            "user_id": .string(membership.user.text), "username": .string(member.username),
            "role": .string(membership.role.rawValue),
            "own_role": membership.ownRole.map { .string($0.rawValue) } ?? .null,
            "groups": .strings(membership.groups.map(\.text)), "joined_at": .string(membership.joinedAt.description),
        ]
    }
}

extension Request {
    /// The member in the path; what names nobody is not found.
    func user() throws(Accounts.Fault) -> UserID {
        guard let user = parameters["user"].flatMap(UserID.init) else { throw .notFound(Accounts.noSuchMember) }
        return user
    }
}
