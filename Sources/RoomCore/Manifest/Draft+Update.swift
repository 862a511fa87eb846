extension Draft {
    mutating func update(_ update: ModelUpdate, by actor: Actor, at moment: Timestamp) throws(Refusal) -> Decision {
        let subject = try resolveLive(update.model)
        if let expected = update.ifModelRevision, expected != subject.model.revision {
            throw .staleRevision(subject.model.revision, of: "model \(subject.model.id)")
        }
        try checkProtection(update.fields, by: actor)
        try requireUnprotected(subject, for: actor)
        var model = subject.model
        model.set(update.fields)
        model.tags.removeAll { update.removeTags.contains($0) }
        for tag in update.addTags where !model.tags.contains(tag) { model.tags.append(tag) }
        try checkTagCount(model)
        renumber(&model, from: subject.model)
        return try conclude(.updated, of: subject, as: model, reason: nil, by: actor, at: moment)
    }

    mutating func withdraw(
        _ name: String, reason: String?, by actor: Actor, at moment: Timestamp
    ) throws(Refusal) -> Decision {
        let subject = try resolve(name)
        guard !subject.model.isWithdrawn else { return Decision(change: nil, revision: revision, entry: subject) }
        try requireUnprotected(subject, for: actor)
        try requireMayMoveAliases(of: subject, by: actor)
        var model = subject.model
        model.deletedAt = moment
        model.aliases = []
        return try conclude(.withdrawn, of: subject, as: model, reason: reason, by: actor, at: moment)
    }

    mutating func restore(
        _ name: String, reason: String?, by actor: Actor, at moment: Timestamp
    ) throws(Refusal) -> Decision {
        let subject = try resolve(name)
        guard subject.model.isWithdrawn else { return Decision(change: nil, revision: revision, entry: subject) }
        try requireUnprotected(subject, for: actor)
        var model = subject.model
        model.deletedAt = nil
        return try conclude(.restored, of: subject, as: model, reason: reason, by: actor, at: moment)
    }

    mutating func copy(_ report: CopyReport, by actor: Actor, at moment: Timestamp) throws(Refusal) -> Decision {
        guard let worker = actor.worker else { throw .forbidden("Only workers report copies") }
        let subject = try resolveLive(report.model)
        if let digest = report.digest, let standing = subject.model.digest, digest != standing {
            throw .invalid("digest: the copy is \(digest), the model is \(standing)")
        }
        var model = subject.model
        if report.available {
            model.noteCopy(of: worker, at: report.path, moment: moment)
            if let old = subject.model.copies.first(where: { $0.worker == worker }),
                report.path == nil || report.path == old.path
            {
                return Decision(change: nil, revision: revision, entry: subject)
            }
        } else {
            model.copies.removeAll { $0.worker == worker }
        }
        return try conclude(.copied, of: subject, as: model, reason: nil, by: actor, at: moment)
    }

    private mutating func conclude(
        _ kind: Change.Kind, of subject: ModelEntry, as model: Model, reason: String?, by actor: Actor,
        at moment: Timestamp
    ) throws(Refusal) -> Decision {
        guard model != subject.model else { return Decision(change: nil, revision: revision, entry: subject) }
        let change = try record(kind, by: actor, at: moment, reason: reason, before: subject, after: model)
        return Decision(change: change, revision: change.revision, entry: change.after)
    }
}
