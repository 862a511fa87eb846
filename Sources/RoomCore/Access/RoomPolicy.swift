import JSONWire

/// What a room's owner decided about who may do what in it.
package struct RoomPolicy: Sendable, Equatable {
    package enum Publishing: String, Sendable, CaseIterable {
        case everyone, workers
        case workersAfterTraining = "workers-after-training"
    }

    package static let mostProtectedAliases = 64

    package var publishing = Publishing.everyone
    /// By name, held or free.
    package var protectedAliases: Set<Alias> = []
    /// Whether maintainers move them too; the owner always may.
    package var maintainersMoveProtectedAliases = false

    package init() {}

    package func protects(_ alias: Alias) -> Bool { protectedAliases.contains(alias) }
}

// MARK: - As the owner writes it and the record keeps it

extension RoomPolicy {
    private static let fields = ["publish", "protected_aliases", "move_protected_aliases"]

    package var json: JSONObject {
        let movers: [MemberRole] = maintainersMoveProtectedAliases ? [.owner, .maintainer] : [.owner]
        return [
            "publish": .string(publishing.rawValue),
            "protected_aliases": .strings(protectedAliases.sorted().map(\.text)),
            "move_protected_aliases": .strings(movers.map(\.rawValue)),
        ]
    }

    /// A whole policy: what is left out is as in a new room. A name that is none is refused, for it was meant to protect.
    package init(_ reader: FieldReader) throws(FieldFault) {
        self.init()
        for (key, _) in reader.object where !Self.fields.contains(key) {
            throw FieldFault(reader.path(key), "is no part of a policy; it has \(Self.fields.joined(separator: ", "))")
        }
        publishing = try reader.choice("publish") ?? .everyone
        let rule = "must be a list of at most \(Self.mostProtectedAliases) aliases; \(Alias.rule)"
        let aliases = try reader.strings(
            "protected_aliases", maxCount: Self.mostProtectedAliases, rule: rule, Alias.isValid)
        protectedAliases = Set((aliases ?? []).map { Alias(trusted: $0) })
        maintainersMoveProtectedAliases = try Self.movers(reader).contains(.maintainer)
    }

    private static func movers(_ reader: FieldReader) throws(FieldFault) -> [MemberRole] {
        let key = "move_protected_aliases"
        let allowed: [MemberRole] = [.owner, .maintainer]
        let named = try reader.strings(key, maxCount: 2, rule: "must be a list of owner and maintainer") { name in
            allowed.contains { $0.rawValue == name }
        }
        let roles = named?.compactMap(MemberRole.init) ?? [.owner]
        guard roles.contains(.owner) else {
            throw FieldFault(reader.path(key), "must hold owner: a policy does not lock the owner of the room out")
        }
        return roles
    }
}
