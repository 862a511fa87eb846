extension Draft {
    /// Moves a model's `storage.state`; withdrawn models keep their files, so theirs moves too.
    mutating func storage(
        _ report: StorageReport, by actor: Actor, at moment: Timestamp
    ) throws(Refusal) -> Decision {
        guard let subject = entry(report.model) else { throw .modelNotFound(report.model.text) }
        var model = subject.model
        let isLate = !model.files.isEmpty && Set(model.files) != Set(report.files)
        guard !isLate else {
            throw .invalid("The files of model \(model.id) were replaced meanwhile; start the upload again")
        }
        let kind: Change.Kind
        switch report.outcome {
        case .uploading:
            kind = .updated
            model.storage.state = .uploading
        case .abandoned:
            kind = .updated
            if model.storage.state == .uploading { model.storage.state = .none }
        case .stored(let folder, let digest):
            kind = .stored
            try store(report.files, digest, in: folder, &model, by: actor, subject)
        case .missing:
            kind = .missing
            if model.storage.state == .stored { model.storage.state = .missing }
        }
        guard model != subject.model else { return Decision(change: nil, revision: revision, entry: subject) }
        let change = try record(kind, by: actor, at: moment, before: subject, after: model)
        return Decision(change: change, revision: change.revision, entry: change.after)
    }

    /// A model that listed no files gets those that were stored, with their digest and size.
    private func store(
        _ files: [ModelFile], _ digest: Digest, in folder: String?, _ model: inout Model, by actor: Actor,
        _ subject: ModelEntry
    ) throws(Refusal) {
        if model.files.isEmpty {
            try StoragePolicy.check(files, belongTo: model, digest: digest)
            try requireUnprotected(subject, for: actor)
            model.setFiles(files)
            model.digest = digest
        }
        model.storage.s3 = folder ?? model.storage.s3
        model.storage.state = .stored
    }
}
