import RoomCore
import RoomStorage
import WireMessages

/// Requests about files. Each holds its place in the order of replies while the store is asked; the room goes on.
extension RoomLoop {
    func perform(
        _ request: FilesRequest, _ requestID: RequestID, _ slot: ReplyQueue<PendingRead>.Number, for session: Session
    ) {
        let id = session.id
        let actor = session.actor
        Task {
            let frame = await frame(for: request, requestID, by: actor)
            guard let session = peers[id] else { return }
            session.replies.fill(slot, with: frame)
            advanceReplies(of: session)
        }
    }

    private func frame(for request: FilesRequest, _ requestID: RequestID, by actor: Actor) async -> [UInt8] {
        do {
            guard let files = dependencies.files else {
                throw Refusal.forbidden("This server keeps no model files")
            }
            let reply: RegistryReply
            switch request {
            case .upload(let model, let wanted): reply = try await upload(wanted, of: model, files, by: actor)
            case .complete(let upload): reply = try await complete(upload, files, by: actor)
            case .download(let model): reply = try await download(model, files)
            }
            let frame = reply.frame(for: requestID)
            guard frame.count <= settings.limits.messageBytes else {
                throw Refusal.tooLarge("The reply would be \(frame.count) bytes; raise max_message_bytes")
            }
            return frame
        } catch let refusal as Refusal {
            return ErrorMessage(refusal).encoded(requestID: requestID)
        } catch let mismatches as UploadMismatches {
            return ErrorMessage(mismatches: mismatches.files).encoded(requestID: requestID)
        } catch let fault as LedgerFault {
            dependencies.outages.writes.failed("\(fault.cause)")
            let refusal = Refusal.unavailable("The record cannot be used just now; nothing is lost, send it again")
            return ErrorMessage(refusal).encoded(requestID: requestID)
        } catch is CancellationError {
            let refusal = Refusal.unavailable("The request was broken off; send it again")
            return ErrorMessage(refusal).encoded(requestID: requestID)
        } catch {
            dependencies.outages.files.failed("\(error)")
            let refusal = Refusal.unavailable("The file store cannot be used just now; nothing is lost, send it again")
            return ErrorMessage(refusal).encoded(requestID: requestID)
        }
    }

    private func upload(
        _ wanted: [ModelFile], of name: String, _ files: ModelFiles, by actor: Actor
    ) async throws -> RegistryReply {
        let model = try liveModel(name)
        try StoragePolicy.check(actor, mayStore: model)
        try StoragePolicy.check(wanted, belongTo: model, digest: ModelFiles.digest(of: wanted))
        let quota = quota(beside: model.id, files.settings)
        let beginning = try await files.beginUpload(
            of: wanted, model: model.id, room: room, by: actor.user, at: now, within: quota,
            replyBytes: settings.limits.pageBytes / 2, keeping: model.files)
        guard case .open(let open) = beginning else {
            throw Self.refusal(beginning, of: wanted, files.settings)
        }
        dependencies.outages.files.succeeded()
        if !open.missing.isEmpty, manifest.models[model.id]?.model.storage.state != .uploading {
            _ = try await write(StorageReport(model: model.id, files: wanted, outcome: .uploading), by: actor)
        }
        return .uploadReady(
            open.upload.id.text, open.missing, expiresAt: open.addressesExpireAt, hasMore: open.hasMore)
    }

    private func complete(_ name: String, _ files: ModelFiles, by actor: Actor) async throws -> RegistryReply {
        guard let id = UploadID(name) else { throw Refusal.noSuchUpload }
        let known = try await files.noting { ledger throws(StoreError) in try await ledger.upload(id) }
        guard let upload = known, upload.room == room else { throw Refusal.noSuchUpload }
        guard let entry = manifest.models[upload.model] else { throw Refusal.modelNotFound(upload.model.text) }
        try StoragePolicy.check(actor, mayStore: entry.model)
        let wanted = upload.files.map(\.file)
        // A repeat of one that was completed; what happened to the objects since, the check of all files finds.
        if entry.model.storage.state == .stored, Set(entry.model.files) == Set(wanted) {
            return .stored(entry, epoch: manifest.epoch, revision: manifest.revision, presence: presence)
        }
        let digest = ModelFiles.digest(of: wanted)
        try StoragePolicy.check(wanted, belongTo: entry.model, digest: digest)
        return try await verify(upload, files, by: actor)
    }

    /// Verifies an upload and writes down that the model is stored; only then is the ledger's mark taken away, so that
    /// whatever ends between leaves it to be done again.
    private func verify(_ upload: Upload, _ files: ModelFiles, by actor: Actor) async throws -> RegistryReply {
        let verification = try await files.verify(upload, clock: dependencies.clock)
        dependencies.outages.files.succeeded()
        let end = { () async throws(LedgerFault) in
            try await files.noting { ledger throws(StoreError) in
                try await ledger.noteVerified(upload.id, by: verification.attempt)
            }
        }
        guard verification.mismatches.isEmpty else {
            try await end()
            throw UploadMismatches(files: verification.mismatches)
        }
        let wanted = upload.files.map(\.file)
        let folder = files.folderAddress(ModelFiles.folder(of: upload.model, in: room))
        let outcome = StorageReport.Outcome.stored(folder: folder, digest: ModelFiles.digest(of: wanted))
        let reply: RegistryReply
        do throws(Refusal) {
            reply = try await write(StorageReport(model: upload.model, files: wanted, outcome: outcome), by: actor)
        } catch {
            // While the record cannot be written the mark stays, and the verification is made again later.
            if case .unavailable = error {
                await files.giveUp(verification.attempt, of: upload, at: now)
                throw error
            }
            try await end()
            throw error
        }
        try await end()
        return reply
    }

    /// Goes on with a verification whose server is gone; what was wrong, if anything. The peer that asked finds the
    /// model stored, or asks again and is told what is missing.
    func resume(_ upload: Upload, _ files: ModelFiles) async throws -> [FileMismatch] {
        do {
            _ = try await verify(upload, files, by: .server)
            return []
        } catch let mismatches as UploadMismatches {
            return mismatches.files
        }
    }

    private func download(_ name: String, _ files: ModelFiles) async throws -> RegistryReply {
        let model = try liveModel(name)
        guard model.storage.state == .stored else {
            throw Refusal.invalid(
                "model_id: the files of model \(model.id) are not in the store (\(model.storage.state.rawValue)); "
                    + "upload them with registry_upload, or ask a worker that holds a copy")
        }
        let (addresses, expiry) = try await files.downloadAddresses(of: model, room: room, at: now)
        return .downloadReady(addresses, expiresAt: expiry)
    }

    private func liveModel(_ name: String) throws(Refusal) -> Model {
        guard let model = manifest.resolve(name)?.model, !model.isWithdrawn else { throw .modelNotFound(name) }
        return model
    }
}

/// Files that did not come as they were announced.
struct UploadMismatches: Error {
    let files: [FileMismatch]
}

// MARK: - Quota

extension RoomLoop {
    /// Whatever takes up room in the store counts: models that are stored or missing, withdrawn or not, by the files
    /// that were verified and not by the size a publisher claims. Those being uploaded the ledger counts, which alone
    /// knows of other servers' in the same moment.
    private func quota(beside model: ModelID, _ settings: FileSettings) -> UploadQuota? {
        guard settings.roomBytes > 0 || settings.roomModels > 0 else { return nil }
        var standing: [ModelID: Int] = [:]
        for entry in manifest.models.values where entry.model.id != model {
            switch entry.model.storage.state {
            case .stored, .missing: standing[entry.model.id] = entry.model.files.reduce(0) { $0 + $1.size }
            case .none, .uploading: break
            }
        }
        return UploadQuota(bytes: settings.roomBytes, models: settings.roomModels, standing: standing)
    }

    private static func refusal(
        _ beginning: UploadBeginning, of wanted: [ModelFile], _ settings: FileSettings
    ) -> Refusal {
        guard case .full(let use) = beginning else { return .noSuchUpload }
        let remedy = "ask the operator to raise it, or use another room"
        if settings.roomModels > 0, use.models >= settings.roomModels {
            return .limitReached(
                "This room stores or takes in \(use.models) models of at most \(settings.roomModels) "
                    + "(SLEAP_ROOMS_ROOM_QUOTA_MODELS); \(remedy)")
        }
        let more = wanted.reduce(0) { $0 + $1.size }
        return .limitReached(
            "This room stores or takes in \(use.bytes) bytes of at most \(settings.roomBytes) "
                + "(SLEAP_ROOMS_ROOM_QUOTA_BYTES), and these files have \(more); \(remedy)")
    }
}

// MARK: - Writes of the server's own

extension RoomLoop {
    /// Takes a storage change through the mailbox like any other write, and waits until it is durable.
    func write(_ report: StorageReport, by actor: Actor) async throws(Refusal) -> RegistryReply {
        let result: Result<RegistryReply, Refusal> = await withCheckedContinuation { continuation in
            enqueue(.storage(report), by: actor) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// The models as they are now.
    func knownModels() -> [Model] { manifest.models.values.map(\.model) }

    /// Records what the check of all files found.
    func record(_ report: StorageReport) async throws(Refusal) {
        _ = try await write(report, by: .server)
    }
}

extension Actor {
    /// The server itself, which acts in every room as it must.
    static let server = Actor(
        user: UserID(trusted: "room-server"), username: "room-server", role: .server, worker: nil)
}
