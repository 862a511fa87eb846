/// What became of a model's files in the blob store. The server says it; a peer's request led to it.
package struct StorageReport: Sendable {
    package enum Outcome: Sendable, Equatable {
        /// Somebody was given addresses to upload to.
        case uploading
        /// Nobody finished an upload in its time.
        case abandoned
        /// Every file was verified; the folder's address where the store has one, and the files' digest.
        case stored(folder: String?, digest: Digest)
        /// An object is gone, or is not what was recorded.
        case missing
    }

    package let model: ModelID
    /// The files it is about; when the model has others by now, the report is too late.
    package let files: [ModelFile]
    package let outcome: Outcome

    package init(model: ModelID, files: [ModelFile], outcome: Outcome) {
        self.model = model
        self.files = files
        self.outcome = outcome
    }
}

/// Which files may be stored, and by whom.
package enum StoragePolicy {
    package static let extensions = [
        "ckpt", "h5", "pth", "pt", "safetensors", "onnx", "yaml", "yml", "json", "csv", "txt", "slp",
    ]

    package static let extensionRule =
        "only checkpoint and config files are stored: " + extensions.map { ".\($0)" }.joined(separator: " ")

    package static func isStorable(_ path: String) -> Bool {
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? path
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.utf8.startIndex else { return false }
        return extensions.contains(String(name[name.utf8.index(after: dot)...]).lowercased())
    }

    /// Publishers may store any model's files; a worker those of a model that it published or holds.
    package static func check(_ actor: Actor, mayStore model: Model) throws(Refusal) {
        // No policy bears on it.
        let permissions = Permissions()
        try permissions.check(.storeFiles, for: actor)
        if permissions.allow(.storeAnyModel, to: actor.role) { return }
        let holds = actor.worker.map { worker in
            model.trainedOnWorker == worker || model.copies.contains { $0.worker == worker }
        }
        if model.publishedBy == actor.user || holds == true { return }
        try permissions.check(.storeAnyModel, for: actor, of: "model \(model.id)")
    }

    /// Files that are listed with the model are the ones to store; a model without any takes them from the upload.
    package static func check(_ files: [ModelFile], belongTo model: Model, digest: Digest) throws(Refusal) {
        guard !model.files.isEmpty else {
            guard model.digest == nil || model.digest == digest else {
                throw .invalid("files: their digest is \(digest), the model's is \(model.digest?.text ?? "")")
            }
            return
        }
        let listed = Dictionary(model.files.map { ($0.path, $0) }) { first, _ in first }
        for file in files where listed[file.path] != file {
            throw .invalid("files: \(file.path) is not the file that model \(model.id) lists by that path")
        }
        guard files.count == model.files.count else {
            throw .invalid("files: model \(model.id) lists \(model.files.count) files; name all of them")
        }
    }
}
