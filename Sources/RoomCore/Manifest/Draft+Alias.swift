extension Draft {
    mutating func alias(_ move: AliasMove, by actor: Actor, at moment: Timestamp) throws(Refusal) -> Decision {
        guard let target = move.model else { return try unalias(move, by: actor, at: moment) }
        let subject = try resolveLive(target)
        let previous = holder(of: move.alias)
        let losing = try claim(
            move.alias, for: subject.model.id, force: move.force, expected: move.expected, by: actor)
        try requireMayMove(move.alias, by: actor)
        if losing != nil, move.force { try requireReason(move) }
        guard subject.model.alias != move.alias else {
            return Decision(
                change: nil, revision: revision, entry: subject, alias: move.alias, previousHolder: previous)
        }
        try requireUnprotected(subject, for: actor)
        var model = subject.model
        model.assign(move.alias)
        let change = try record(
            .aliased, by: actor, at: moment, alias: move.alias, reason: move.reason, before: subject, after: model,
            losing: losing)
        return Decision(
            change: change, revision: change.revision, entry: change.after, alias: move.alias,
            previousHolder: previous)
    }

    private mutating func unalias(_ move: AliasMove, by actor: Actor, at moment: Timestamp) throws(Refusal) -> Decision
    {
        let holderID = holder(of: move.alias)
        try requireExpected(move.expected, holds: move.alias, now: holderID)
        guard let id = holderID, let subject = entry(id) else { throw .modelNotFound(move.alias.text) }
        try requireMayMove(move.alias, by: actor)
        if case .absent = move.expected { try requireReason(move) }
        try requireUnprotected(subject, for: actor)
        var model = subject.model
        model.aliases.removeAll { $0 == move.alias }
        let change = try record(
            .unaliased, by: actor, at: moment, alias: move.alias, reason: move.reason, before: subject, after: model)
        return Decision(
            change: change, revision: change.revision, entry: change.after, alias: move.alias, previousHolder: id)
    }

    /// Checks that `id` may take an alias, and says from whom. Nil when it is free or already there.
    func claim(
        _ alias: Alias, for id: ModelID, force: Bool, expected: Field<ModelID>, by actor: Actor
    ) throws(Refusal) -> (alias: Alias, holder: ModelEntry)? {
        let holderID = holder(of: alias)
        try requireExpected(expected, holds: alias, now: holderID)
        guard let holderID, holderID != id, let holder = entry(holderID) else { return nil }
        guard force || expected.value != nil else { throw .aliasTaken(alias, holder: holderID) }
        try requireUnprotected(holder, for: actor)
        return (alias, holder)
    }

    /// Compare-and-set: who was expected to hold the alias must hold it, moved or taken away.
    private func requireExpected(
        _ expected: Field<ModelID>, holds alias: Alias, now holder: ModelID?
    ) throws(Refusal) {
        if case .absent = expected { return }
        guard holder == expected.value else { throw .aliasTaken(alias, holder: holder) }
    }

    /// An alias that the policy protects moves by whom the policy names: by whatever request, and also when it is free.
    func requireMayMove(_ alias: Alias, by actor: Actor) throws(Refusal) {
        guard permissions.policy.protects(alias) else { return }
        try permissions.check(.moveProtectedAlias, for: actor, of: "Alias \(alias)")
    }

    /// The same for all aliases of a model that loses them, or means something else from now on.
    func requireMayMoveAliases(of entry: ModelEntry, by actor: Actor) throws(Refusal) {
        for alias in entry.model.aliases { try requireMayMove(alias, by: actor) }
    }

    /// Who takes a protected alias from a model without saying which one holds it says why instead.
    private func requireReason(_ move: AliasMove) throws(Refusal) {
        guard permissions.policy.protects(move.alias), move.reason?.contains(where: { !$0.isWhitespace }) != true else {
            return
        }
        throw .invalid("reason: alias \(move.alias) is protected; say why it is taken from its model")
    }

    /// A protected model, and the aliases it holds, move only by the owner.
    func requireUnprotected(_ entry: ModelEntry, for actor: Actor) throws(Refusal) {
        guard entry.model.isProtected else { return }
        try permissions.check(.changeProtectedModel, for: actor, of: "Model \(entry.model.id)")
    }

    func checkProtection(_ fields: ModelFields, by actor: Actor) throws(Refusal) {
        guard fields.isProtected != nil else { return }
        try permissions.check(.protectModel, for: actor)
    }

    /// What is recorded must be readable again: more tags than a request may name are refused here.
    func checkTagCount(_ model: Model) throws(Refusal) {
        guard model.tags.count <= EntryLimits.tags else {
            throw .limitReached("A model carries at most \(EntryLimits.tags) tags")
        }
    }

    /// A model that got another name gets that name's next version.
    func renumber(_ model: inout Model, from old: Model) {
        guard model.name != old.name else { return }
        model.version = model.name.map(nextVersion)
    }
}
