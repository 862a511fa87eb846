/// A manifest with decisions on top that are not durable yet.
///
/// Decisions are made on what the room will be once everything decided before them is committed; the manifest itself
/// moves only when the record has them. That is how one commit carries many changes and readers never see one that
/// could still fail.
package struct Draft: Sendable {
    package let manifest: Manifest
    package let limits: ManifestLimits
    package let permissions: Permissions
    package private(set) var changes: [Change] = []
    private var models: [ModelID: ModelEntry] = [:]
    private var aliases: [Alias: ModelID?] = [:]
    private var newestVersions: [String: Int] = [:]
    private var addedModels = 0

    package init(
        _ manifest: Manifest, limits: ManifestLimits = ManifestLimits(), policy: RoomPolicy = RoomPolicy()
    ) {
        self.manifest = manifest
        self.limits = limits
        permissions = Permissions(policy)
    }

    package var revision: Revision { changes.last?.revision ?? manifest.revision }

    /// Decides one request. A refusal leaves the draft as it was.
    package mutating func decide(
        _ request: WriteRequest, by actor: Actor, at now: Timestamp
    ) throws(Refusal) -> Decision {
        try permissions.check(request.verb, for: actor)
        let moment = max(now, changes.last?.at ?? manifest.updatedAt)
        return switch request {
        case .publish(let publication): try publish(publication, by: actor, at: moment)
        case .update(let update): try self.update(update, by: actor, at: moment)
        case .alias(let move): try alias(move, by: actor, at: moment)
        case .withdraw(let model, let reason): try withdraw(model, reason: reason, by: actor, at: moment)
        case .restore(let model, let reason): try restore(model, reason: reason, by: actor, at: moment)
        case .copy(let report): try copy(report, by: actor, at: moment)
        case .storage(let report): try storage(report, by: actor, at: moment)
        }
    }
}

/// Bounds on one room's manifest.
package struct ManifestLimits: Sendable {
    package var models: Int

    package init(models: Int = 50_000) { self.models = models }
}

/// What became of a request.
package struct Decision: Sendable {
    /// Nil when there was nothing to change.
    package let change: Change?
    /// The room's revision after it.
    package let revision: Revision
    package let entry: ModelEntry
    package var created = false
    package var alias: Alias?
    package var previousHolder: ModelID?
}

// MARK: - Reading through the draft

extension Draft {
    func entry(_ id: ModelID) -> ModelEntry? { models[id] ?? manifest.models[id] }

    func holder(of alias: Alias) -> ModelID? {
        if let drafted = aliases[alias] { return drafted }
        return manifest.aliases[alias]
    }

    /// The model of an id or alias, withdrawn or not.
    func resolve(_ name: String) throws(Refusal) -> ModelEntry {
        if let id = ModelID(name), let entry = entry(id) { return entry }
        guard let alias = Alias(name), let id = holder(of: alias), let entry = entry(id) else {
            throw .modelNotFound(name)
        }
        return entry
    }

    func resolveLive(_ name: String) throws(Refusal) -> ModelEntry {
        let entry = try resolve(name)
        guard !entry.model.isWithdrawn else { throw .modelNotFound(name) }
        return entry
    }

    func nextVersion(of name: String) -> Int {
        max(newestVersions[name] ?? 0, manifest.newestVersions[name] ?? 0) + 1
    }

    func hasRoomForAnother() -> Bool { manifest.models.count + addedModels < limits.models }

    /// The next free `-2`, `-3`… of an id.
    func freeSuffix(of id: ModelID) -> ModelID {
        var number = 2
        while entry(id.suffixed(number)) != nil { number += 1 }
        return id.suffixed(number)
    }
}

// MARK: - Recording decisions

extension Draft {
    /// Adds a change at the next revision and makes the draft see it.
    mutating func record(
        _ kind: Change.Kind, by actor: Actor, at moment: Timestamp, alias: Alias? = nil, reason: String? = nil,
        before: ModelEntry?, after: Model, losing: (alias: Alias, holder: ModelEntry)? = nil
    ) throws(Refusal) -> Change {
        let revision = revision.successor
        var subject = after
        subject.revision = revision
        if before == nil { subject.createdRevision = revision }
        let entry = ModelEntry(subject)
        try checkSize(of: entry, insteadOf: before, kind)
        let other = losing.map { losing in
            var model = losing.holder.model
            model.aliases.removeAll { $0 == losing.alias }
            model.revision = revision
            return ModelEntry(model)
        }
        let change = Change(
            revision: revision, at: moment, actor: actor.user, kind: kind, alias: alias, reason: reason,
            before: before, after: entry, other: other)
        if before == nil { addedModels += 1 }
        if let other { see(other, insteadOf: losing?.holder) }
        see(entry, insteadOf: before)
        changes.append(change)
        return change
    }

    /// What a request adds must fit; what shrinks an entry, or only marks it, is never refused for the size that stands.
    private func checkSize(
        of entry: ModelEntry, insteadOf before: ModelEntry?, _ kind: Change.Kind
    ) throws(Refusal) {
        let bytes = entry.encodedBound
        let adds =
            kind == .published || kind == .updated || kind == .aliased || kind == .copied
            || kind == .stored
        guard adds, bytes > EntryLimits.encodedBytes, bytes > before?.encodedBound ?? 0 else { return }
        throw .tooLarge("The entry would be \(bytes) bytes; at most \(EntryLimits.encodedBytes)")
    }

    private mutating func see(_ entry: ModelEntry, insteadOf old: ModelEntry?) {
        let model = entry.model
        models[model.id] = entry
        for alias in old?.model.aliases ?? [] where !model.aliases.contains(alias) {
            aliases[alias] = .some(nil)
        }
        for alias in model.aliases { aliases[alias] = .some(model.id) }
        if let name = model.name, let version = model.version {
            newestVersions[name] = max(newestVersions[name] ?? 0, version)
        }
    }
}
