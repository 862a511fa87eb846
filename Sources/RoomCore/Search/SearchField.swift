/// A field of a model's entry that a query asks about.
package enum SearchField: Hashable, Sendable {
    case entry(EntryField)
    /// A member of one of the free objects, by its path; no path is the object itself.
    case member(FreeObject, [String])

    package enum FreeObject: String, Sendable, CaseIterable {
        case training, metrics, hyperparameters, wandb
    }

    /// What a field holds, and so what it may be compared with.
    enum Kind: Equatable {
        case text, number, time, flag
        /// One of a closed set.
        case choice([String])
        /// Whatever the publisher put there.
        case free
        /// An object, of which only its being there can be asked.
        case object
    }

    package var name: String {
        switch self {
        case .entry(let field): field.rawValue
        case .member(let object, let path): ([object.rawValue] + path).joined(separator: ".")
        }
    }

    var kind: Kind {
        switch self {
        case .entry(let field): field.kind
        case .member(_, let path): path.isEmpty ? .object : .free
        }
    }

    var isList: Bool {
        if case .entry(let field) = self { field.isList } else { kind == .free }
    }

    /// Why a live query cannot ask about it: its value changes by no revision of its own; nil when it can.
    var liveFault: String? {
        guard case .entry(let field) = self else { return nil }
        switch field {
        case .available, .availableOnWorkers, .copyOnline, .copyLastSeen: return "it tells who is online"
        case .revision: return "every change of a model moves it"
        default: return nil
        }
    }
}

/// The fields of an entry by their names in a query.
package enum EntryField: String, Sendable, CaseIterable {
    case id, name, version, status, alias, tags, notes, source, digest, available, stored, protected, revision
    case type = "model_type"
    case trainedBy = "trained_by"
    case trainedOnWorker = "trained_on_worker"
    case trainedAt = "trained_at"
    case publishedBy = "published_by"
    case publishedAt = "published_at"
    case parentID = "parent_id"
    case sizeBytes = "size_bytes"
    case filePath = "files.path"
    case fileSize = "files.size"
    case fileDigest = "files.sha256"
    case sleapNNVersion = "sleap_nn_version"
    case gitCommit = "git_commit"
    case s3 = "storage.s3"
    case wandbArtifact = "storage.wandb_artifact"
    case storageState = "storage.state"
    case copyWorker = "copies.worker"
    case copyPath = "copies.path"
    case copyOnline = "copies.online"
    case copyLastSeen = "copies.last_seen"
    case availableOnWorkers = "available_on_workers"
    case createdRevision = "created_revision"
    case deletedAt = "deleted_at"

    var kind: SearchField.Kind {
        switch self {
        case .type: .choice(ModelType.allCases.map(\.rawValue))
        case .status: .choice(ModelStatus.allCases.map(\.rawValue))
        case .source: .choice(ModelSource.allCases.map(\.rawValue))
        case .storageState: .choice(ModelStorage.State.allCases.map(\.rawValue))
        case .version, .sizeBytes, .fileSize, .revision, .createdRevision: .number
        case .trainedAt, .publishedAt, .deletedAt, .copyLastSeen: .time
        case .available, .stored, .protected, .copyOnline: .flag
        case .id, .name, .alias, .tags, .notes, .digest, .trainedBy, .trainedOnWorker, .publishedBy, .parentID,
            .filePath, .fileDigest, .sleapNNVersion, .gitCommit, .s3, .wandbArtifact, .copyWorker, .copyPath,
            .availableOnWorkers:
            .text
        }
    }

    var isList: Bool {
        switch self {
        case .alias, .tags, .filePath, .fileSize, .fileDigest, .copyWorker, .copyPath, .copyOnline, .copyLastSeen,
            .availableOnWorkers:
            true
        default: false
        }
    }
}

// MARK: - By name

extension SearchField {
    private static let synonyms: [String: EntryField] = [
        "type": .type, "aliases": .alias, "tag": .tags, "worker": .copyWorker, "files": .filePath, "size": .sizeBytes,
    ]

    private static let entryFields = Dictionary(
        uniqueKeysWithValues: EntryField.allCases.map { ($0.rawValue, $0) }
    ).merging(synonyms) { field, _ in field }

    /// A field by the parts of its name.
    init?(_ parts: [String]) {
        if let field = Self.entryFields[parts.joined(separator: ".")] {
            self = .entry(field)
        } else if let object = parts.first.flatMap(FreeObject.init) {
            self = .member(object, Array(parts.dropFirst()))
        } else {
            return nil
        }
    }

    /// The names most like one that is no field, the nearest first; at most three.
    static func names(like parts: [String]) -> [String] {
        let name = parts.joined(separator: ".")
        let known = Array(entryFields.keys) + FreeObject.allCases.map(\.rawValue)
        let ranked = known.map { candidate -> (distance: Int, name: String) in
            let isFree = FreeObject(rawValue: candidate) != nil
            // A free object is meant by its first part; what follows is the writer's own.
            guard isFree, let first = parts.first, parts.count > 1 else {
                return (distance(candidate, name), candidate)
            }
            return (distance(candidate, first), ([candidate] + parts.dropFirst()).joined(separator: "."))
        }
        let near = ranked.filter { $0.distance <= max(2, $0.name.utf8.count / 3) }.sorted { $0 < $1 }
        return near.prefix(3).map { SearchToken.cut($0.name) }
    }

    /// How many bytes are to be put in, taken out or changed to make one name of the other (Levenshtein); names that
    /// hold each other are near.
    private static func distance(_ known: String, _ given: String) -> Int {
        let a = Array(known.utf8)
        let b = Array(given.lowercased().utf8.prefix(64))
        if b.count >= 3, known.contains(String(decoding: b, as: UTF8.self)) { return 1 }
        var row = Array(0...b.count)
        for (i, byte) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let cost = min(diagonal + (byte == b[j] ? 0 : 1), row[j] + 1, row[j + 1] + 1)
                diagonal = row[j + 1]
                row[j + 1] = cost
            }
        }
        return row[b.count]
    }
}
