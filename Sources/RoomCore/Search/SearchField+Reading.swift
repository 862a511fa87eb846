import JSONWire

extension SearchField {
    /// Whether any value of this field is as asked. A field that is absent has none.
    func contains(
        in model: Model, _ presence: WorkerPresence, where isAsked: (SearchValue) -> Bool
    ) -> Bool {
        switch self {
        case .entry(let field): field.contains(in: model, presence, where: isAsked)
        case .member(let object, let path): Self.value(of: object, path, in: model)?.contains(where: isAsked) ?? false
        }
    }

    func exists(in model: Model, _ presence: WorkerPresence) -> Bool {
        guard case .member(let object, let path) = self else { return contains(in: model, presence) { _ in true } }
        guard let value = Self.value(of: object, path, in: model) else { return false }
        if let object = value.objectValue, path.isEmpty { return !object.isEmpty }
        return !value.isNull
    }

    private static func value(of object: FreeObject, _ path: [String], in model: Model) -> JSONValue? {
        let root: JSONObject? =
            switch object {
            case .training: model.training
            case .metrics: model.metrics
            case .hyperparameters: model.hyperparameters
            case .wandb: model.wandb
            }
        guard let first = path.first else { return root.map(JSONValue.object) }
        return path.dropFirst().reduce(root?[first]) { value, key in value?.objectValue?[key] }
    }
}

extension JSONValue {
    fileprivate func contains(where isAsked: (SearchValue) -> Bool) -> Bool {
        switch self {
        case .string(let text): isAsked(.text(text))
        case .integer, .number: doubleValue.map { isAsked(.number($0)) } ?? false
        case .bool(let flag): isAsked(.flag(flag))
        case .array(let values): values.contains { $0.isScalar && $0.contains(where: isAsked) }
        case .null, .object: false
        }
    }

    private var isScalar: Bool {
        switch self {
        case .string, .integer, .number, .bool: true
        case .null, .object, .array: false
        }
    }
}

extension EntryField {
    fileprivate func contains(
        in model: Model, _ presence: WorkerPresence, where isAsked: (SearchValue) -> Bool
    ) -> Bool {
        func has(_ text: String?) -> Bool { text.map { isAsked(.text($0)) } ?? false }
        func has(_ number: Int?) -> Bool { number.map { isAsked(.number(Double($0))) } ?? false }
        func has(_ time: Timestamp?) -> Bool { time.map { isAsked(.time($0)) } ?? false }
        return switch self {
        case .id: has(model.id.text)
        case .name: has(model.name)
        case .version: has(model.version)
        case .type: has(model.type?.rawValue)
        case .status: has(model.status.rawValue)
        case .alias: model.aliases.contains { has($0.text) }
        case .tags: model.tags.contains { has($0) }
        case .notes: !model.notes.isEmpty && has(model.notes)
        case .source: has(model.source.rawValue)
        case .digest: has(model.digest?.text)
        case .trainedBy: has(model.trainedBy)
        case .trainedOnWorker: has(model.trainedOnWorker?.text)
        case .trainedAt: has(model.trainedAt)
        case .publishedBy: has(model.publishedBy.text)
        case .publishedAt: has(model.publishedAt)
        case .parentID: has(model.parentID?.text)
        case .sizeBytes: has(model.sizeBytes)
        case .filePath: model.files.contains { has($0.path) }
        case .fileSize: model.files.contains { has($0.size) }
        case .fileDigest: model.files.contains { has($0.sha256.text) }
        case .sleapNNVersion: has(model.sleapNNVersion)
        case .gitCommit: has(model.gitCommit)
        case .s3: has(model.storage.s3)
        case .wandbArtifact: has(model.storage.wandbArtifact)
        case .storageState: has(model.storage.state.rawValue)
        case .copyWorker: model.copies.contains { has($0.worker.text) }
        case .copyPath: model.copies.contains { has($0.path) }
        case .copyOnline: model.copies.contains { isAsked(.flag(presence.isOnline($0.worker))) }
        case .copyLastSeen: model.copies.contains { has($0.lastSeen(presence)) }
        case .availableOnWorkers: model.copies.contains { presence.isOnline($0.worker) && has($0.worker.text) }
        case .available: isAsked(.flag(model.copies.contains { presence.isOnline($0.worker) }))
        case .stored: isAsked(.flag(model.storage.state == .stored))
        case .protected: isAsked(.flag(model.isProtected))
        case .revision: has(model.revision.number)
        case .createdRevision: has(model.createdRevision.number)
        case .deletedAt: has(model.deletedAt)
        }
    }
}

extension ModelCopy {
    /// When its worker was last heard of, as entries tell it.
    package func lastSeen(_ presence: WorkerPresence) -> Timestamp {
        presence.lastSeen(of: worker).map { max($0, lastSeen) } ?? lastSeen
    }
}
