import JSONWire

extension Model {
    /// Reads an entry by the places of its members; under the very rules of `init(recorded:)`.
    init(_ members: RecordedMembers) throws(RecordedMembers.Unusual) {
        let aliases = try members.list(.aliases) { reader, key throws(FieldFault) in
            try reader.strings(key, maxCount: 100_000, rule: Alias.rule, Alias.isValid)?.map(Alias.init(trusted:))
        }
        let alias: Alias? = try members.name(.alias)
        // The bytes are kept as they are, so what they say twice must agree.
        guard alias == aliases.last else { throw RecordedMembers.Unusual() }
        self.init(
            id: try members.required(members.name(.id)),
            name: try Self.name(members),
            version: try members.integer(.version, from: 1),
            type: try members.choice(.type),
            status: try members.required(members.choice(.status)),
            aliases: aliases,
            tags: try members.list(.tags) { reader, key throws(FieldFault) in
                try reader.strings(key, maxCount: EntryLimits.tags, rule: Tag.rule, Tag.isValid)
            },
            notes: try members.required(members.text(.notes, maxBytes: EntryLimits.notesBytes)),
            trainedBy: try members.text(.trainedBy, maxBytes: EntryLimits.trainerBytes),
            trainedOnWorker: try members.name(.trainedOnWorker),
            trainedAt: try members.moment(.trainedAt),
            publishedBy: try members.required(members.name(.publishedBy)),
            publishedAt: try members.required(members.moment(.publishedAt)),
            parentID: try members.name(.parentID),
            source: try members.required(members.choice(.source)),
            digest: try members.name(.digest),
            sizeBytes: try members.integer(.sizeBytes, from: 0, through: EntryLimits.sizeBytes),
            files: try members.list(.files) { reader, key throws(FieldFault) in try reader.files(key) },
            training: try members.required(members.tree(.training, Self.object)),
            metrics: try members.required(
                members.tree(.metrics) { reader, key throws(FieldFault) in try reader.metrics(key) }),
            hyperparameters: try members.required(members.tree(.hyperparameters, Self.object)),
            sleapNNVersion: try members.text(.sleapNNVersion, maxBytes: 64),
            gitCommit: try members.text(.gitCommit, maxBytes: 64),
            wandb: try members.tree(.wandb, Self.object),
            storage: try members.required(members.tree(.storage, ModelStorage.read)),
            copies: try members.list(.copies) { reader, key throws(FieldFault) in try reader.copies(key) },
            isProtected: try members.required(members.flag(.isProtected)),
            revision: Revision(try members.required(members.integer(.revision, from: 0))),
            createdRevision: Revision(try members.required(members.integer(.createdRevision, from: 0))),
            deletedAt: try members.moment(.deletedAt))
    }

    private static func name(_ members: RecordedMembers) throws(RecordedMembers.Unusual) -> String? {
        let name = try members.text(.name, maxBytes: EntryLimits.nameBytes)
        guard name.map(ModelFields.isValidName) ?? true else { throw RecordedMembers.Unusual() }
        return name
    }

    private static func object(_ reader: FieldReader, _ key: String) throws(FieldFault) -> JSONObject? {
        try reader.object(key)
    }
}

extension ModelStorage {
    fileprivate static func read(_ reader: FieldReader, _ key: String) throws(FieldFault) -> ModelStorage? {
        guard let object = try reader.object(key) else { return nil }
        let members = FieldReader(object, path: key)
        var storage = ModelStorage()
        storage.s3 = try members.string("s3")
        storage.wandbArtifact = try members.string("wandb_artifact")
        storage.state = try members.required("state", members.choice("state"))
        return storage
    }
}
