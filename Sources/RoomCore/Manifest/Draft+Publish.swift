extension Draft {
    mutating func publish(
        _ publication: Publication, by actor: Actor, at moment: Timestamp
    ) throws(Refusal) -> Decision {
        if let expected = publication.ifRevision, expected != revision { throw .staleRevision(revision, of: "room") }
        let source = publication.fields.source ?? Self.usualSource(of: actor)
        try permissions.checkPublishing(by: actor, of: source)
        try checkProtection(publication.fields, by: actor)
        guard let standing = entry(publication.id) else {
            return try create(publication, id: publication.id, by: actor, at: moment)
        }
        let model = standing.model
        let sameContent = model.digest == nil || publication.digest == nil || model.digest == publication.digest
        if sameContent { return try merge(publication, into: standing, by: actor, at: moment) }
        switch publication.onConflict {
        case .error:
            throw .modelExists(model.id, digest: model.digest)
        case .suffix:
            if let twin = twin(of: publication) { return try merge(publication, into: twin, by: actor, at: moment) }
            return try create(publication, id: freeSuffix(of: publication.id), by: actor, at: moment)
        case .replace:
            if actor.user != model.publishedBy {
                try permissions.check(.replaceAnyModel, for: actor, of: "model \(model.id)")
            }
            return try replace(standing, with: publication, by: actor, at: moment)
        }
    }

    /// An earlier suffixed publication of the very same content: publishing it again is no new model.
    private func twin(of publication: Publication) -> ModelEntry? {
        var number = 2
        while let entry = entry(publication.id.suffixed(number)) {
            if entry.model.digest == publication.digest { return entry }
            number += 1
        }
        return nil
    }

    private mutating func create(
        _ publication: Publication, id: ModelID, by actor: Actor, at moment: Timestamp
    ) throws(Refusal) -> Decision {
        guard hasRoomForAnother() else {
            throw .limitReached("This room holds its limit of \(limits.models) models; withdrawn ones count")
        }
        let model = content(of: publication, id: id, by: actor, at: moment)
        return try finish(model, before: nil, publication: publication, by: actor, at: moment)
    }

    /// New content under a standing id: aliases stay, the version counts on, other workers' copies are of the old one.
    private mutating func replace(
        _ standing: ModelEntry, with publication: Publication, by actor: Actor, at moment: Timestamp
    ) throws(Refusal) -> Decision {
        try requireUnprotected(standing, for: actor)
        try requireMayMoveAliases(of: standing, by: actor)
        var model = content(of: publication, id: standing.model.id, by: actor, at: moment)
        model.aliases = standing.model.aliases
        model.isProtected = publication.fields.isProtected ?? standing.model.isProtected
        model.createdRevision = standing.model.createdRevision
        return try finish(model, before: standing, publication: publication, by: actor, at: moment)
    }

    private mutating func merge(
        _ publication: Publication, into standing: ModelEntry, by actor: Actor, at moment: Timestamp
    ) throws(Refusal) -> Decision {
        var model = standing.model
        var fields = publication.fields
        fields.tags = nil
        fields.metrics = .absent
        model.set(fields)
        for tag in publication.fields.tags ?? [] where !model.tags.contains(tag) { model.tags.append(tag) }
        try checkTagCount(model)
        for (name, value) in publication.fields.metrics.value ?? [:] { model.metrics[name] = value }
        if model.digest == nil { model.digest = publication.digest }
        if let files = publication.files, !files.isEmpty, model.files.isEmpty { model.setFiles(files) }
        model.deletedAt = nil
        renumber(&model, from: standing.model)
        if model != standing.model { try requireUnprotected(standing, for: actor) }
        return try finish(model, before: standing, publication: publication, by: actor, at: moment)
    }

    /// The steps every publication ends with: the worker's own copy, the alias, the change.
    private mutating func finish(
        _ draft: Model, before: ModelEntry?, publication: Publication, by actor: Actor, at moment: Timestamp
    ) throws(Refusal) -> Decision {
        var model = draft
        if publication.recordsCopy, let worker = actor.worker {
            model.noteCopy(of: worker, at: publication.workerPath, moment: moment)
        }
        var losing: (alias: Alias, holder: ModelEntry)?
        if let alias = publication.alias, before?.model.alias != alias {
            if let before { try requireUnprotected(before, for: actor) }
            losing = try claim(alias, for: model.id, force: publication.forceAlias, expected: .absent, by: actor)
            try requireMayMove(alias, by: actor)
            if losing != nil, permissions.policy.protects(alias) {
                throw .invalid("alias: \(alias) is protected; move it by registry_alias, which takes a reason")
            }
            model.assign(alias)
        }
        if let before, model.sameButForSightings(as: before.model) {
            return Decision(change: nil, revision: revision, entry: before)
        }
        let change = try record(
            .published, by: actor, at: moment, alias: publication.alias, before: before, after: model, losing: losing)
        return Decision(
            change: change, revision: change.revision, entry: change.after, created: before == nil,
            alias: publication.alias, previousHolder: losing?.holder.model.id)
    }

    /// Where a model comes from when its publisher does not say.
    private static func usualSource(of actor: Actor) -> ModelSource {
        actor.worker == nil ? .clientUpload : .workerTraining
    }

    private func content(
        of publication: Publication, id: ModelID, by actor: Actor, at moment: Timestamp
    ) -> Model {
        var model = Model(
            id: id, status: .completed, aliases: [], tags: [], notes: "", publishedBy: actor.user,
            publishedAt: moment, source: Self.usualSource(of: actor), files: [],
            training: [:], metrics: [:], hyperparameters: [:], storage: ModelStorage(), copies: [],
            isProtected: false, revision: revision, createdRevision: revision)
        // An issuer's name may be longer than a record may hold; an id never is.
        let nameFits = actor.username.utf8.count <= EntryLimits.trainerBytes
        model.trainedBy = nameFits ? actor.username : actor.user.text
        model.trainedOnWorker = actor.worker
        model.digest = publication.digest
        if let files = publication.files, !files.isEmpty { model.setFiles(files) }
        model.set(publication.fields)
        model.version = model.name.map(nextVersion)
        return model
    }
}

extension Model {
    /// Whether two states differ in nothing but when a copy was last heard of.
    fileprivate func sameButForSightings(as other: Model) -> Bool {
        var mine = self
        var theirs = other
        mine.copies = copies.map { ModelCopy(worker: $0.worker, path: $0.path, lastSeen: Timestamp(seconds: 0)) }
        theirs.copies = other.copies.map {
            ModelCopy(worker: $0.worker, path: $0.path, lastSeen: Timestamp(seconds: 0))
        }
        return mine == theirs
    }

    mutating func setFiles(_ newFiles: [ModelFile]) {
        files = newFiles
        let (total, overflow) = newFiles.reduce((0, false)) { sum, file in
            let (next, overflow) = sum.0.addingReportingOverflow(file.size)
            return (next, sum.1 || overflow)
        }
        sizeBytes = overflow ? Int.max : total
    }

    mutating func noteCopy(of worker: WorkerName, at path: String?, moment: Timestamp) {
        guard let index = copies.firstIndex(where: { $0.worker == worker }) else {
            copies.append(ModelCopy(worker: worker, path: path, lastSeen: moment))
            return
        }
        copies[index].path = path ?? copies[index].path
        copies[index].lastSeen = moment
    }

    /// Makes an alias the newest one of this model.
    mutating func assign(_ alias: Alias) {
        aliases.removeAll { $0 == alias }
        aliases.append(alias)
    }

    mutating func set(_ fields: ModelFields) {
        name = fields.name.applied(to: name)
        type = fields.type.applied(to: type)
        status = fields.status ?? status
        tags = fields.tags ?? tags
        notes = fields.notes.applied(to: notes) ?? ""
        trainedBy = fields.trainedBy.applied(to: trainedBy)
        trainedOnWorker = fields.trainedOnWorker.applied(to: trainedOnWorker)
        trainedAt = fields.trainedAt.applied(to: trainedAt)
        parentID = fields.parentID.applied(to: parentID)
        source = fields.source ?? source
        sizeBytes = fields.sizeBytes.applied(to: sizeBytes)
        training = fields.training.applied(to: training) ?? [:]
        metrics = fields.metrics.applied(to: metrics) ?? [:]
        hyperparameters = fields.hyperparameters.applied(to: hyperparameters) ?? [:]
        sleapNNVersion = fields.sleapNNVersion.applied(to: sleapNNVersion)
        gitCommit = fields.gitCommit.applied(to: gitCommit)
        wandb = fields.wandb.applied(to: wandb)
        storage.s3 = fields.s3.applied(to: storage.s3)
        storage.wandbArtifact = fields.wandbArtifact.applied(to: storage.wandbArtifact)
        isProtected = fields.isProtected ?? isProtected
    }
}
