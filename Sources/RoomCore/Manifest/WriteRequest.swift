/// What a peer asks the manifest to become.
package enum WriteRequest: Sendable {
    case publish(Publication)
    case update(ModelUpdate)
    case alias(AliasMove)
    case withdraw(model: String, reason: String?)
    case restore(model: String, reason: String?)
    case copy(CopyReport)
    case storage(StorageReport)

    var verb: RoomVerb {
        switch self {
        case .publish: .publishModel
        case .update: .updateModel
        case .alias: .moveAlias
        case .withdraw, .restore: .withdrawModel
        case .copy: .reportCopy
        case .storage: .storeFiles
        }
    }
}

package struct Publication: Sendable {
    package enum OnConflict: String, Sendable, CaseIterable {
        case error, suffix, replace
    }

    /// The id the publisher proposes, or the one taken from the digest.
    package var id: ModelID
    package var fields: ModelFields
    package var files: [ModelFile]?
    package var digest: Digest?
    package var alias: Alias?
    package var forceAlias = false
    package var onConflict = OnConflict.error
    package var ifRevision: Revision?
    /// Whether a worker's own copy is recorded, and where it lies.
    package var recordsCopy = true
    package var workerPath: String?

    package init(id: ModelID, fields: ModelFields = ModelFields()) {
        self.id = id
        self.fields = fields
    }
}

package struct ModelUpdate: Sendable {
    /// An id or an alias.
    package var model: String
    package var fields: ModelFields
    package var addTags: [String] = []
    package var removeTags: [String] = []
    package var ifModelRevision: Revision?

    package init(model: String, fields: ModelFields = ModelFields()) {
        self.model = model
        self.fields = fields
    }
}

package struct AliasMove: Sendable {
    package var alias: Alias
    /// An id or another alias; nil takes the alias away.
    package var model: String?
    /// Compare-and-set: the id that must hold the alias now; cleared when it must be free.
    package var expected: Field<ModelID> = .absent
    package var force = false
    package var reason: String?

    package init(alias: Alias, model: String?) {
        self.alias = alias
        self.model = model
    }
}

/// A worker says that it holds a copy, or no longer does.
package struct CopyReport: Sendable {
    package var model: String
    package var available: Bool
    package var path: String?
    package var digest: Digest?

    package init(model: String, available: Bool) {
        self.model = model
        self.available = available
    }
}
