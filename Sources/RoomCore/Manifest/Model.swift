import JSONWire

/// Everything a room knows of one model, apart from who is online just now.
package struct Model: Sendable, Equatable {
    package let id: ModelID
    package var name: String?
    /// Counts 1, 2, 3… within the room for one name; nil without a name.
    package var version: Int?
    package var type: ModelType?
    package var status: ModelStatus
    /// In the order they were assigned: the last one is *the* alias.
    package var aliases: [Alias]
    package var tags: [String]
    package var notes: String
    package var trainedBy: String?
    package var trainedOnWorker: WorkerName?
    package var trainedAt: Timestamp?
    package var publishedBy: UserID
    package var publishedAt: Timestamp
    package var parentID: ModelID?
    package var source: ModelSource
    package var digest: Digest?
    package var sizeBytes: Int?
    package var files: [ModelFile]
    package var training: JSONObject
    package var metrics: JSONObject
    package var hyperparameters: JSONObject
    package var sleapNNVersion: String?
    package var gitCommit: String?
    package var wandb: JSONObject?
    package var storage: ModelStorage
    package var copies: [ModelCopy]
    package var isProtected: Bool
    /// The revision that last changed this entry, its aliases included.
    package var revision: Revision
    package var createdRevision: Revision
    package var deletedAt: Timestamp?

    package var alias: Alias? { aliases.last }
    package var isWithdrawn: Bool { deletedAt != nil }
}

package enum ModelType: String, Sendable, CaseIterable {
    case singleInstance = "single_instance"
    case centroid
    case centeredInstance = "centered_instance"
    case bottomup
    case multiClassBottomup = "multi_class_bottomup"
    case multiClassTopdown = "multi_class_topdown"
    case topdown
}

package enum ModelStatus: String, Sendable, CaseIterable {
    case training, completed, interrupted, failed, archived
}

package enum ModelSource: String, Sendable, CaseIterable {
    case workerTraining = "worker-training"
    case localImport = "local-import"
    case clientUpload = "client-upload"
    case workerPull = "worker-pull"
    case s3
    case wandbArtifact = "wandb-artifact"
}

/// One file of a model, by a path relative to the model's folder.
package struct ModelFile: Sendable, Hashable {
    package let path: String
    package let size: Int
    package let sha256: Digest

    package init(path: String, size: Int, sha256: Digest) {
        self.path = path
        self.size = size
        self.sha256 = sha256
    }

    package static let pathRule =
        "a file path is relative, 1–255 bytes, without .. segments, backslashes or control characters"

    package static func isValidPath(_ path: String) -> Bool {
        let bytes = path.utf8
        guard (1...255).contains(bytes.count), bytes.first != UInt8(ascii: "/"),
            !bytes.contains(where: { $0.isControl || $0 == UInt8(ascii: "\\") })
        else { return false }
        return bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { segment in
            !segment.isEmpty && !(segment.count <= 2 && segment.allSatisfy { $0 == UInt8(ascii: ".") })
        }
    }

    /// The lines whose SHA-256 is a model's digest: `<sha256>  <path>\n`, sorted by path as bytes.
    package static func digestLines(of files: [ModelFile]) -> String {
        files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
            .map { "\($0.sha256)  \($0.path)\n" }
            .joined()
    }
}

package struct ModelStorage: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case none, uploading, stored
        /// Recorded, but the object is gone.
        case missing
    }

    package var s3: String?
    package var wandbArtifact: String?
    package var state: State = .none

    package init() {}
}

/// A worker's local copy. It stays when the worker leaves.
package struct ModelCopy: Sendable, Equatable {
    package let worker: WorkerName
    package var path: String?
    /// When the worker last spoke of this copy; presence may know a later moment.
    package var lastSeen: Timestamp

    package init(worker: WorkerName, path: String?, lastSeen: Timestamp) {
        self.worker = worker
        self.path = path
        self.lastSeen = lastSeen
    }
}
