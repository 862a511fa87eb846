import HTTPServing
import JSONWire
import RoomCore
import RoomService
import RoomStorage

/// Rooms: made, listed, shown, renamed and deleted.
struct RoomRoutes: Sendable {
    let access: AccountAccess
    private var accounts: Accounts { access.accounts }

    func add(to router: inout Router) {
        router.on(.get, "/api/auth/rooms") { try await list($0) }
        router.on(.post, "/api/auth/rooms") { try await create($0) }
        router.on(.get, "/api/auth/rooms/:room") { try await show($0) }
        router.on(.patch, "/api/auth/rooms/:room") { try await rename($0) }
        router.on(.delete, "/api/auth/rooms/:room") { try await delete($0) }
        router.on(.post, "/api/auth/rooms/:room/verify-otp") { try await verifyCode($0) }
    }

    private static let usualDays = 30

    private func create(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, body in
            let days = try body.integer("expires_in_days", in: accounts.limits.roomDays)
            // Null is for ever; nothing said is the usual time.
            let lifetime = body.has("expires_in_days") ? days : Self.usualDays
            let room = try await accounts.createRoom(
                named: try body.name("name"), lifetimeDays: lifetime, by: user.id)
            return [
                "room_id": .string(room.id.text), "room_token": .string(Self.formerPassword(of: room)),
                "name": .string(room.name), "expires_at": .seconds(room.expiresAt),
            ]
        }
    }

    /// Rooms had passwords once, and clients show one. It opens nothing: credentials do.
    private static func formerPassword(of room: RoomRecord) -> String { String(room.id.text.suffix(6)) }

    private func show(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let (room, membership) = try await accounts.room(try request.room(), for: user.id)
            var answer = Self.entry(room, membership)
            guard Permissions().allow(.changeRoles, to: membership.role) else { return answer }
            answer["token"] = .string(Self.formerPassword(of: room))
            answer["members"] = .array(
                try await accounts.members(of: room.id, for: user.id).map { member in
                    [
                        "user_id": .string(member.membership.user.text),
                        "role": .string(member.membership.role.formerName),
                        "joined_at": .string(member.membership.joinedAt.description),
                    ]
                })
            return answer
        }
    }

    private static func entry(_ room: RoomRecord, _ membership: Membership) -> JSONObject {
        [
            "room_id": .string(room.id.text), "name": .string(room.name), "expires_at": .seconds(room.expiresAt),
            "role": .string(membership.role.formerName), "joined_at": .string(membership.joinedAt.description),
        ]
    }

    private func rename(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, body in
            let room = try request.room()
            let name = try body.required("name", body.name("name", as: RoomName.self))
            try await accounts.renameRoom(room, to: name, by: user.id)
            return ["room_id": .string(room.text), "name": .string(name.text)]
        }
    }

    private func delete(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let room = try request.room()
            try await accounts.deleteRoom(room, by: user.id)
            return ["status": "deleted", "room_id": .string(room.text)]
        }
    }

    /// Nothing gives a room one-time codes any more.
    private func verifyCode(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            _ = try await accounts.room(try request.room(), for: user.id)
            throw Accounts.Fault.invalid("Room does not have OTP configured")
        }
    }
}

// MARK: - The list

extension RoomRoutes {
    private enum RoleFilter: String, CaseIterable {
        case owner, member
    }

    private enum Field: String, CaseIterable {
        case name
        case joinedAt = "joined_at"
        case expiresAt = "expires_at"
        case role
    }

    private func list(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let role = try request.query.choice("role", of: RoleFilter.self)
            let field = try request.query.choice("sort_by", of: Field.self) ?? .joinedAt
            let order = try request.query.choice("sort_order", of: SortOrder.self) ?? .desc
            let search = try request.query.text("search")?.lowercased()
            let rooms = try await accounts.rooms(of: user.id).filter { room, membership in
                role.map { (membership.role == .owner) == ($0 == .owner) } ?? true
                    && search.map { room.name.lowercased().contains($0) } ?? true
            }
            let sorted = order.sorted(rooms) { Self.key(field, of: $0.room, $0.membership) }
            return ["rooms": .array(sorted.map { .object(Self.entry($0.room, $0.membership)) })]
        }
    }

    private static func key(_ field: Field, of room: RoomRecord, _ membership: Membership) -> SortKey {
        switch field {
        case .name: SortKey(room.name)
        case .joinedAt: SortKey(membership.joinedAt.microseconds)
        case .expiresAt: SortKey(room.expiresAt?.microseconds)
        case .role: SortKey(membership.role.formerName)
        }
    }
}

extension JSONValue {
    /// A moment as whole seconds since 1970, which is how clients read the end of a room.
    fileprivate static func seconds(_ moment: Timestamp?) -> JSONValue {
        moment.map { .integer(Int($0.seconds)) } ?? .null
    }
}
