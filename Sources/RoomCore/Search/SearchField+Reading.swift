import JSONWire

extension SearchField {
    /// Whether any value of this field is as asked. A field that is absent has none.
    ///
    /// Entries are asked and not their models: a model is a large value, and copying it would cost more than the answer.
    func contains(
        in entry: ModelEntry, _ presence: WorkerPresence, where isAsked: (SearchValue) -> Bool
    ) -> Bool {
        switch self {
        case .entry(let field): field.contains(in: entry, presence, where: isAsked)
        case .member(let object, let path): Self.value(of: object, path, in: entry)?.contains(where: isAsked) ?? false
        }
    }

    func exists(in entry: ModelEntry, _ presence: WorkerPresence) -> Bool {
        guard case .member(let object, let path) = self else { return contains(in: entry, presence) { _ in true } }
        guard let value = Self.value(of: object, path, in: entry) else { return false }
        if let object = value.objectValue, path.isEmpty { return !object.isEmpty }
        return !value.isNull
    }

    private static func value(of object: FreeObject, _ path: [String], in entry: ModelEntry) -> JSONValue? {
        let root: JSONObject? =
            switch object {
            case .training: entry.model.training
            case .metrics: entry.model.metrics
            case .hyperparameters: entry.model.hyperparameters
            case .wandb: entry.model.wandb
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
        in entry: ModelEntry, _ presence: WorkerPresence, where isAsked: (SearchValue) -> Bool
    ) -> Bool {
        func has(_ text: String?) -> Bool { text.map { isAsked(.text($0)) } ?? false }
        func has(_ number: Int?) -> Bool { number.map { isAsked(.number(Double($0))) } ?? false }
        func has(_ time: Timestamp?) -> Bool { time.map { isAsked(.time($0)) } ?? false }
        return switch self {
        case .id: has(entry.model.id.text)
        case .name: has(entry.model.name)
        case .version: has(entry.model.version)
        case .type: has(entry.model.type?.rawValue)
        case .status: has(entry.model.status.rawValue)
        case .alias: entry.model.aliases.contains { has($0.text) }
        case .tags: entry.model.tags.contains { has($0) }
        case .notes: !entry.model.notes.isEmpty && has(entry.model.notes)
        case .source: has(entry.model.source.rawValue)
        case .digest: has(entry.model.digest?.text)
        case .trainedBy: has(entry.model.trainedBy)
        case .trainedOnWorker: has(entry.model.trainedOnWorker?.text)
        case .trainedAt: has(entry.model.trainedAt)
        case .publishedBy: has(entry.model.publishedBy.text)
        case .publishedAt: has(entry.model.publishedAt)
        case .parentID: has(entry.model.parentID?.text)
        case .sizeBytes: has(entry.model.sizeBytes)
        case .filePath: entry.model.files.contains { has($0.path) }
        case .fileSize: entry.model.files.contains { has($0.size) }
        case .fileDigest: entry.model.files.contains { has($0.sha256.text) }
        case .sleapNNVersion: has(entry.model.sleapNNVersion)
        case .gitCommit: has(entry.model.gitCommit)
        case .s3: has(entry.model.storage.s3)
        case .wandbArtifact: has(entry.model.storage.wandbArtifact)
        case .storageState: has(entry.model.storage.state.rawValue)
        case .copyWorker: entry.model.copies.contains { has($0.worker.text) }
        case .copyPath: entry.model.copies.contains { has($0.path) }
        case .copyOnline: entry.model.copies.contains { isAsked(.flag(presence.isOnline($0.worker))) }
        case .copyLastSeen: entry.model.copies.contains { has($0.lastSeen(presence)) }
        case .availableOnWorkers: entry.model.copies.contains { presence.isOnline($0.worker) && has($0.worker.text) }
        case .available: isAsked(.flag(entry.model.copies.contains { presence.isOnline($0.worker) }))
        case .stored: isAsked(.flag(entry.model.storage.state == .stored))
        case .protected: isAsked(.flag(entry.model.isProtected))
        case .revision: has(entry.model.revision.number)
        case .createdRevision: has(entry.model.createdRevision.number)
        case .deletedAt: has(entry.model.deletedAt)
        }
    }
}

extension ModelCopy {
    /// When its worker was last heard of, as entries tell it.
    package func lastSeen(_ presence: WorkerPresence) -> Timestamp {
        presence.lastSeen(of: worker).map { max($0, lastSeen) } ?? lastSeen
    }
}
