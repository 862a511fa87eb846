import JSONWire
import RoomCore
import RoomStorage

extension RoomDossier {
    /// The room's row, members, policy, groups and tokens; where it stands is the manifest's to tell.
    func encoded() -> [UInt8] {
        JSONValue.object([
            "format": .integer(BackupLayout.format), "version": .integer(version), "room_id": .string(record.id.text),
            "name": .string(record.name), "created_by": .string(record.createdBy.text),
            "created_at": .string(record.createdAt.description), "expires_at": .moment(record.expiresAt),
            "members": .array(
                members.map { member in
                    [
                        "user_id": .string(member.user.text), "role": .string(member.role.rawValue),
                        "joined_at": .string(member.joinedAt.description),
                    ]
                }),
            "policy": .object(policy.json),
            "groups": .array(
                groupRoles.map { ["group": .string($0.group.text), "role": .string($0.role.rawValue)] }),
            "worker_tokens": .array(
                workerTokens.map { token in
                    [
                        "sha256": .string(token.hash.text), "worker": .string(token.worker.text),
                        "created_by": .string(token.createdBy.text), "created_at": .string(token.createdAt.description),
                        "expires_at": .moment(token.expiresAt), "revoked_at": .moment(token.revokedAt),
                    ]
                }),
        ]).encoded()
    }

    /// - Parameter head: where the room will stand.
    init(_ bytes: [UInt8], of room: RoomID, head: RoomHead) throws(BackupFault) {
        do {
            let reader = FieldReader(try JSONValue.parse(bytes, maxDepth: 8).objectValue ?? [:])
            guard try reader.name("room_id", as: RoomID.self) == room else {
                throw FieldFault("room_id", "is of another room")
            }
            let record = RoomRecord(
                id: room, name: try reader.required("name", reader.string("name", maxBytes: 65_536)),
                createdBy: try reader.required("created_by", reader.name("created_by")),
                createdAt: try reader.required("created_at", reader.moment("created_at")),
                expiresAt: try reader.moment("expires_at"))
            let members = try reader.entries("members") { entry throws(FieldFault) in
                Membership(
                    room: room, user: try entry.required("user_id", entry.name("user_id")),
                    role: try entry.required("role", Self.role(entry)),
                    joinedAt: try entry.required("joined_at", entry.moment("joined_at")))
            }
            // Backups from before there were any have none.
            let policy = try RoomPolicy(FieldReader(try reader.object("policy") ?? [:], path: "policy"))
            let groupRoles =
                !reader.has("groups")
                ? []
                : try reader.entries("groups") { entry throws(FieldFault) in
                    GroupRole(
                        group: try entry.required("group", entry.name("group")),
                        role: try entry.required("role", entry.choice("role")))
                }
            let tokens = try reader.entries("worker_tokens") { entry throws(FieldFault) in
                WorkerToken(
                    hash: try entry.required("sha256", entry.name("sha256")), room: room,
                    worker: try entry.required("worker", entry.name("worker")),
                    createdBy: try entry.required("created_by", entry.name("created_by")),
                    createdAt: try entry.required("created_at", entry.moment("created_at")),
                    expiresAt: try entry.moment("expires_at"), revokedAt: try entry.moment("revoked_at"))
            }
            self.init(
                record: record, members: members, policy: policy, groupRoles: groupRoles, workerTokens: tokens,
                version: try reader.number("version"), head: head)
        } catch {
            throw .damaged("the dossier of room \(room): \(error)")
        }
    }

    /// Backups from before there were more roles have members, who could do what a publisher may.
    private static func role(_ entry: FieldReader) throws(FieldFault) -> MemberRole? {
        try entry.string("role") == "member" ? .publisher : try entry.choice("role")
    }
}

extension JSONValue {
    static func moment(_ moment: Timestamp?) -> JSONValue { moment.map { .string($0.description) } ?? .null }
}
