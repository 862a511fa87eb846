import JSONWire

/// One field of a request: left alone, cleared with null, or set.
package enum Field<Value: Sendable>: Sendable {
    case absent, cleared
    case set(Value)

    package var value: Value? {
        if case .set(let value) = self { value } else { nil }
    }

    package var ignoringNull: Field {
        if case .cleared = self { .absent } else { self }
    }

    /// What stands after this request.
    func applied(to old: Value?) -> Value? {
        switch self {
        case .absent: old
        case .cleared: nil
        case .set(let value): value
        }
    }
}

extension Field: Equatable where Value: Equatable {}

/// The entry fields that a publisher may set, as one request gives them.
package struct ModelFields: Sendable {
    package var name: Field<String> = .absent
    package var type: Field<ModelType> = .absent
    package var status: ModelStatus?
    package var tags: [String]?
    package var notes: Field<String> = .absent
    package var trainedBy: Field<String> = .absent
    package var trainedOnWorker: Field<WorkerName> = .absent
    package var trainedAt: Field<Timestamp> = .absent
    package var parentID: Field<ModelID> = .absent
    package var source: ModelSource?
    package var sizeBytes: Field<Int> = .absent
    package var training: Field<JSONObject> = .absent
    package var metrics: Field<JSONObject> = .absent
    package var hyperparameters: Field<JSONObject> = .absent
    package var sleapNNVersion: Field<String> = .absent
    package var gitCommit: Field<String> = .absent
    package var wandb: Field<JSONObject> = .absent
    package var s3: Field<String> = .absent
    package var wandbArtifact: Field<String> = .absent
    package var isProtected: Bool?

    package init() {}

    /// The same with nulls read as "nothing said": in a publication null is what an unknown field looks like.
    package var ignoringNulls: ModelFields {
        var fields = self
        fields.name = name.ignoringNull
        fields.type = type.ignoringNull
        fields.notes = notes.ignoringNull
        fields.trainedBy = trainedBy.ignoringNull
        fields.trainedOnWorker = trainedOnWorker.ignoringNull
        fields.trainedAt = trainedAt.ignoringNull
        fields.parentID = parentID.ignoringNull
        fields.sizeBytes = sizeBytes.ignoringNull
        fields.training = training.ignoringNull
        fields.metrics = metrics.ignoringNull
        fields.hyperparameters = hyperparameters.ignoringNull
        fields.sleapNNVersion = sleapNNVersion.ignoringNull
        fields.gitCommit = gitCommit.ignoringNull
        fields.wandb = wandb.ignoringNull
        fields.s3 = s3.ignoringNull
        fields.wandbArtifact = wandbArtifact.ignoringNull
        return fields
    }
}

/// Bounds on what one entry may hold.
package enum EntryLimits {
    package static let nameBytes = 200
    package static let notesBytes = 4000
    package static let trainerBytes = 320
    package static let tags = 64
    package static let files = 1000
    /// One file, and all files of a model together.
    package static let sizeBytes = 1 << 50
    /// One encoded entry; a page of the list holds many.
    package static let encodedBytes = 256 * 1024
}

package enum Tag {
    package static let rule = "a tag is 1–64 of A–Z a–z 0–9 _ - . : /"

    package static func isValid(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isLetterOrDigit || [0x5F, 0x2D, 0x2E, 0x3A, 0x2F].contains($0) }
    }
}
