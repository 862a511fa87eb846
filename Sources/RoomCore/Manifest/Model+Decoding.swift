import JSONWire

extension Model {
    /// Reads an entry as ``ModelEntry/recorded()`` wrote it.
    package init(recorded object: JSONObject) throws(FieldFault) {
        let reader = FieldReader(object)
        let fields = try ModelFields(reader)
        let revision = try reader.revision("revision")
        id = try reader.required("id", reader.name("id"))
        name = fields.name.value
        version = try reader.integer("version", in: 1...Int.max)
        type = fields.type.value
        status = try reader.required("status", fields.status)
        aliases =
            try reader.strings("aliases", maxCount: 100_000, rule: Alias.rule, Alias.isValid)?
            .map(Alias.init(trusted:)) ?? []
        tags = fields.tags ?? []
        notes = fields.notes.value ?? ""
        trainedBy = fields.trainedBy.value
        trainedOnWorker = fields.trainedOnWorker.value
        trainedAt = fields.trainedAt.value
        publishedBy = try reader.required("published_by", reader.name("published_by"))
        publishedAt = try reader.required("published_at", reader.moment("published_at"))
        parentID = fields.parentID.value
        source = try reader.required("source", fields.source)
        digest = try reader.name("digest")
        sizeBytes = fields.sizeBytes.value
        files = try reader.files("files") ?? []
        training = fields.training.value ?? [:]
        metrics = fields.metrics.value ?? [:]
        hyperparameters = fields.hyperparameters.value ?? [:]
        sleapNNVersion = fields.sleapNNVersion.value
        gitCommit = fields.gitCommit.value
        wandb = fields.wandb.value
        storage = try ModelStorage(reader, fields)
        copies = try reader.copies("copies")
        isProtected = fields.isProtected ?? false
        self.revision = revision
        createdRevision = try reader.revision("created_revision")
        deletedAt = try reader.moment("deleted_at")
    }
}

extension ModelStorage {
    fileprivate init(_ reader: FieldReader, _ fields: ModelFields) throws(FieldFault) {
        s3 = fields.s3.value
        wandbArtifact = fields.wandbArtifact.value
        let storage = FieldReader(try reader.object("storage") ?? [:], path: "storage")
        state = try storage.choice("state") ?? .none
    }
}

extension FieldReader {
    package func revision(_ key: String) throws(FieldFault) -> Revision {
        Revision(try required(key, integer(key, in: 0...Int.max)))
    }

    func copies(_ key: String) throws(FieldFault) -> [ModelCopy] {
        var copies: [ModelCopy] = []
        for value in try array(key, maxCount: 100_000) ?? [] {
            guard let object = value.objectValue else { throw FieldFault(path(key), "must hold objects") }
            let reader = FieldReader(object, path: path(key))
            copies.append(
                ModelCopy(
                    worker: try reader.required("worker", reader.name("worker")),
                    path: try reader.string("path", maxBytes: 4096),
                    lastSeen: try reader.required("last_seen", reader.moment("last_seen"))))
        }
        return copies
    }
}
