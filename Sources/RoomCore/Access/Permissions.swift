/// Who may do what in a room: the one place where roles and policy are weighed.
package struct Permissions: Sendable {
    package let policy: RoomPolicy

    package init(_ policy: RoomPolicy = RoomPolicy()) { self.policy = policy }

    package func leastRole(for verb: RoomVerb) -> MemberRole {
        verb.leastRole ?? (policy.maintainersMoveProtectedAliases ? .maintainer : .owner)
    }

    package func allow(_ verb: RoomVerb, to role: MemberRole) -> Bool { role >= leastRole(for: verb) }

    package func allow(_ verb: RoomVerb, to role: ActorRole) -> Bool { allow(verb, to: role.granted) }

    /// - Parameter subject: what it is about, for the sentence: `Alias production`.
    package func check(_ verb: RoomVerb, for role: MemberRole, of subject: String = "") throws(Refusal) {
        guard !allow(verb, to: role) else { return }
        throw .forbidden(sentence(verb, subject))
    }

    package func check(_ verb: RoomVerb, for actor: Actor, of subject: String = "") throws(Refusal) {
        try check(verb, for: actor.role.granted, of: subject)
    }

    /// Whether the policy takes a publication from this peer. A worker is who registered as one; that the policy holds
    /// for owners too locks nobody out, since they may change it.
    package func checkPublishing(by actor: Actor, of source: ModelSource) throws(Refusal) {
        switch policy.publishing {
        case .everyone: return
        case .workers:
            if actor.worker != nil { return }
            throw .forbidden("Only workers may publish in this room; its owner may change that policy")
        case .workersAfterTraining:
            if actor.worker != nil, source == .workerTraining { return }
            throw .forbidden(
                "Only workers may publish in this room, and only what they trained (source worker-training); "
                    + "its owner may change that policy")
        }
    }
}

// MARK: - In words

extension Permissions {
    /// Who may. Those that sleap-rtc's programs show are in the words that they know.
    private func sentence(_ verb: RoomVerb, _ subject: String) -> String {
        switch verb {
        case .readRoom: "You are no member of this room"
        case .publishModel, .updateModel, .moveAlias, .withdrawModel:
            "Viewers may read this room, not write to it"
        case .reportCopy: "Viewers may read this room, not report copies in it"
        case .storeFiles: "Viewers may read this room, not store files in it"
        case .tellStreams: "Viewers of a room write nothing, not as workers either"
        case .reserveWorkers: "Viewers of a room cannot reserve its workers"
        case .moveProtectedAlias: "\(subject) is protected; only \(who(verb)) may move it or take it away"
        case .changeProtectedModel: "\(subject) is protected; only \(who(verb)) may change it"
        case .replaceAnyModel: "Only its publisher or \(who(verb)) may replace \(subject)"
        case .storeAnyModel:
            "Only its publisher, a worker that holds a copy, or \(who(verb)) may store \(subject)"
        case .protectModel: "Only \(who(verb)) may set protected"
        case .useWorkers: "Not a member of this room"
        case .issueWorkerToken: "You don't have access to this room"
        case .governWorkerTokens: "You don't own this token"
        case .invite: "Only room owners can create invites"
        case .removeMembers: "Only the room owner can remove members"
        case .renameRoom: "Only the room owner can update room settings"
        case .deleteRoom: "Only the room owner can delete a room"
        case .changeRoles: "Only \(who(verb)) may change roles and groups"
        case .changePolicy: "Only \(who(verb)) may change the policy"
        }
    }

    private func who(_ verb: RoomVerb) -> String {
        switch leastRole(for: verb) {
        case .owner: "the room owner"
        case .maintainer: "the room owner or a maintainer"
        case .publisher: "a publisher"
        case .worker: "a worker"
        case .viewer: "a member"
        }
    }
}
