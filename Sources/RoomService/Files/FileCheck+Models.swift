import RoomCore
import RoomStorage

/// Models whose files are gone, or back.
extension FileCheck {
    func examine(_ room: RoomID, marking: Bool, _ report: inout Report) async throws {
        report.roomsChecked += 1
        guard let all = try await models(of: room) else { return }
        try await abandon(all.filter { $0.storage.state == .uploading }, in: room, marking: marking, &report)
        let models = all.filter { model in
            switch model.storage.state {
            case .stored, .missing: !model.files.isEmpty
            case .none, .uploading: false
            }
        }
        guard !models.isEmpty else { return }
        let absent = try await absentFiles(of: models, in: room)
        for model in models {
            report.modelsChecked += 1
            let isWhole = try model.files.allSatisfy { file throws(Refusal) in
                absent[try ModelFiles.key(of: file.path, of: model.id, in: room)] == nil
            }
            if model.storage.state == .stored, !isWhole {
                try await confirmMissing(model, in: room, marking: marking, &report)
            } else if model.storage.state == .missing, isWhole {
                try await confirmReturned(model, in: room, marking: marking, &report)
            } else if !isWhole {
                report.missing.append("\(room)/\(model.id)")
            }
        }
    }

    /// Models that are being uploaded, and whose upload is gone: it was closed and the model could not be told, or the
    /// room was set back. An upload is opened before its model says so, and is asked for after the model was.
    private func abandon(
        _ models: [Model], in room: RoomID, marking: Bool, _ report: inout Report
    ) async throws {
        guard !models.isEmpty else { return }
        let uploaded = Set(try await files.ledger.uploads(in: room).map(\.model))
        for model in models where !uploaded.contains(model.id) {
            report.abandonedUploads += 1
            if marking { try await record(.abandoned, of: model, in: room) }
        }
    }

    /// The files that a listing does not show with their sizes. However many objects there are, no more is held than
    /// the models name.
    private func absentFiles(of models: [Model], in room: RoomID) async throws -> [BlobKey: Int] {
        var absent: [BlobKey: Int] = [:]
        for model in models {
            for file in model.files { absent[try ModelFiles.key(of: file.path, of: model.id, in: room)] = file.size }
        }
        try await eachPage(of: "\(ModelFiles.prefix)\(room)/") { page in
            for object in page where absent[object.key] == object.size { absent[object.key] = nil }
        }
        return absent
    }

    /// The listing may be older than an upload: each file that seems gone is asked for once more.
    private func confirmMissing(
        _ model: Model, in room: RoomID, marking: Bool, _ report: inout Report
    ) async throws {
        for file in model.files {
            let key = try ModelFiles.key(of: file.path, of: model.id, in: room)
            guard try await files.blobs.size(of: key) != file.size else { continue }
            report.missing.append("\(room)/\(model.id)")
            if marking { try await record(.missing, of: model, in: room) }
            return
        }
    }

    private func confirmReturned(
        _ model: Model, in room: RoomID, marking: Bool, _ report: inout Report
    ) async throws {
        for file in model.files {
            let key = try ModelFiles.key(of: file.path, of: model.id, in: room)
            guard try await files.fault(of: file, at: key) == nil else { return }
        }
        report.returned.append("\(room)/\(model.id)")
        guard marking else { return }
        let folder = files.folderAddress(ModelFiles.folder(of: model.id, in: room))
        try await record(.stored(folder: folder, digest: ModelFiles.digest(of: model.files)), of: model, in: room)
    }

    private func record(_ outcome: StorageReport.Outcome, of model: Model, in room: RoomID) async throws {
        guard let loop = try await directory?.room(room) else { return }
        do throws(Refusal) {
            try await loop.record(StorageReport(model: model.id, files: model.files, outcome: outcome))
        } catch {
            logger.warning("a model's storage could not be noted", metadata: ["room": "\(room)", "cause": "\(error)"])
        }
    }

    /// A room's models: as they are here where the room is at work, else out of the record, without keeping the room in
    /// memory. Nil when there is no such room.
    func models(of room: RoomID) async throws -> [Model]? {
        if let loop = directory?.loaded(room) { return await loop.knownModels() }
        return try await recordedModels(of: room)
    }

    /// As the record has them now.
    func recordedModels(of room: RoomID) async throws -> [Model]? {
        try await Archive(manifests: manifests).load(room)?.manifest.models.values.map(\.model)
    }
}
