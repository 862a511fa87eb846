import JSONWire

extension ModelFields {
    /// Reads the fields of a publication or of an update's `set`; fields that are not a publisher's are passed over.
    package init(_ reader: FieldReader) throws(FieldFault) {
        self.init()
        name = try reader.field("name", reader.string("name", maxBytes: EntryLimits.nameBytes))
        if case .set(let name) = name, !Self.isValidName(name) {
            throw FieldFault(reader.path("name"), "must be 1–\(EntryLimits.nameBytes) bytes without control characters")
        }
        type = try reader.field("model_type", reader.choice("model_type"))
        status = try reader.choice("status")
        tags = try reader.strings("tags", maxCount: EntryLimits.tags, rule: Tag.rule, Tag.isValid)
        notes = try reader.field("notes", reader.string("notes", maxBytes: EntryLimits.notesBytes))
        source = try reader.choice("source")
        isProtected = try reader.bool("protected")
        try readOrigin(reader)
        try readContent(reader)
    }

    static func isValidName(_ name: String) -> Bool {
        !name.isEmpty && !name.utf8.contains(where: \.isControl)
    }

    private mutating func readOrigin(_ reader: FieldReader) throws(FieldFault) {
        trainedBy = try reader.field("trained_by", reader.string("trained_by", maxBytes: EntryLimits.trainerBytes))
        trainedOnWorker = try reader.field("trained_on_worker", reader.name("trained_on_worker"))
        trainedAt = try reader.field("trained_at", reader.moment("trained_at"))
        parentID = try reader.field("parent_id", reader.name("parent_id"))
        sleapNNVersion = try reader.field("sleap_nn_version", reader.string("sleap_nn_version", maxBytes: 64))
        gitCommit = try reader.field("git_commit", reader.string("git_commit", maxBytes: 64))
    }

    private mutating func readContent(_ reader: FieldReader) throws(FieldFault) {
        sizeBytes = try reader.field("size_bytes", reader.integer("size_bytes", in: 0...EntryLimits.sizeBytes))
        training = try reader.field("training", reader.object("training"))
        metrics = try reader.field("metrics", reader.metrics("metrics"))
        hyperparameters = try reader.field("hyperparameters", reader.object("hyperparameters"))
        wandb = try reader.field("wandb", reader.object("wandb"))
        if let storage = try reader.object("storage") {
            let storageReader = FieldReader(storage, path: reader.path("storage"))
            s3 = try storageReader.field("s3", storageReader.string("s3"))
            wandbArtifact = try storageReader.field("wandb_artifact", storageReader.string("wandb_artifact"))
        }
    }
}

extension FieldReader {
    fileprivate func field<T>(_ key: String, _ value: T?) -> Field<T> {
        if let value { return .set(value) }
        return has(key) ? .cleared : .absent
    }

    /// An object of numbers.
    func metrics(_ key: String) throws(FieldFault) -> JSONObject? {
        guard let metrics = try object(key) else { return nil }
        for (name, value) in metrics {
            guard (1...64).contains(name.utf8.count), value.doubleValue != nil else {
                throw FieldFault(path(key), "must map names of 1–64 bytes to numbers; \(name.prefix(64)) does not")
            }
        }
        return metrics
    }

    /// The files of a model, each path once.
    package func files(_ key: String) throws(FieldFault) -> [ModelFile]? {
        guard let values = try array(key, maxCount: EntryLimits.files) else { return nil }
        var paths: Set<String> = []
        var files: [ModelFile] = []
        var total = 0
        for (index, value) in values.enumerated() {
            guard let object = value.objectValue else {
                throw FieldFault(path("\(key)[\(index)]"), "must be an object")
            }
            let reader = FieldReader(object, path: path("\(key)[\(index)]"))
            let file = ModelFile(
                path: try reader.required("path", reader.string("path")),
                size: try reader.required("size", reader.integer("size", in: 0...EntryLimits.sizeBytes)),
                sha256: try reader.required("sha256", reader.name("sha256")))
            guard ModelFile.isValidPath(file.path) else { throw FieldFault(reader.path("path"), ModelFile.pathRule) }
            guard paths.insert(file.path).inserted else { throw FieldFault(reader.path("path"), "is named twice") }
            total += file.size
            guard total <= EntryLimits.sizeBytes else { throw FieldFault(path(key), "hold too many bytes together") }
            files.append(file)
        }
        return files
    }
}
