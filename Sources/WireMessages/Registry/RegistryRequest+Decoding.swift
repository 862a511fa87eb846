import JSONWire
import RoomCore

extension RegistryRequest {
    /// Decodes a request of a type that begins with `registry_`.
    /// - Parameter sha256: 64 lowercase hex digits of a text's SHA-256, for the digest of a publication's files.
    package init(
        _ type: MessageType, _ object: JSONObject, limits: WireLimits, sha256: (String) -> String
    ) throws(Refusal) {
        do {
            self = try Self.decode(type, FieldReader(object), limits, sha256)
        } catch let fault as FieldFault {
            throw fault.field.hasSuffix("alias") && fault.rule == Alias.rule
                ? .aliasInvalid(fault.description) : .invalid(fault.description)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw .invalid(String(describing: error))
        }
    }

    private static func decode(
        _ type: MessageType, _ reader: FieldReader, _ limits: WireLimits, _ sha256: (String) -> String
    ) throws -> RegistryRequest {
        let key: IdempotencyKey? = try reader.name("idempotency_key")
        switch type {
        case .registryPublish: return .write(.publish(try Publication(reader, sha256: sha256)), key)
        case .registryUpdate: return .write(.update(try ModelUpdate(reader)), key)
        case .registryAlias: return .write(.alias(try AliasMove(reader)), key)
        case .registryWithdraw:
            return .write(.withdraw(model: try reader.modelName(), reason: try reader.reason()), key)
        case .registryRestore:
            return .write(.restore(model: try reader.modelName(), reason: try reader.reason()), key)
        case .registryCopy: return .write(.copy(try CopyReport(reader)), key)
        case .registryQuery: return .query(try RegistryQuery(reader, limits))
        case .registrySubscribe: return .subscribe(try Subscription(reader))
        case .registryUnsubscribe: return .unsubscribe
        case .registryUpload, .registryUploadComplete, .registryDownload:
            return .files(try FilesRequest(type, reader))
        case .register, .discoverPeers, .updateMetadata, .peerMessage, .offer, .answer, .candidate, .meshConnect,
            .meshAnswer, .iceCandidate, .error, .reserve, .release, .fsListRes, .jobStatus, .jobProgress,
            .workerPathOK, .workerPathError, .fsCheckVideosResponse, .keyExchangeResponse, .encryptedRelay:
            throw Refusal.unknownMessageType(type.rawValue)
        }
    }
}

extension FieldReader {
    fileprivate func modelName(_ key: String = "model_id") throws(FieldFault) -> String {
        try required(key, string(key, maxBytes: 128))
    }

    fileprivate func reason() throws(FieldFault) -> String? { try string("reason", maxBytes: 1000) }

    fileprivate func wireRevision(_ key: String) throws(FieldFault) -> Revision? {
        try integer(key, in: 0...Int.max).map { Revision($0) }
    }

    fileprivate func point() throws(FieldFault) -> PointInTime? {
        if let revision = try wireRevision("at_revision") {
            guard !has("at_time") else { throw FieldFault("at_time", "give at_revision or at_time, not both") }
            return .revision(revision)
        }
        return try moment("at_time").map(PointInTime.moment)
    }
}

// MARK: - Writes

extension Publication {
    fileprivate init(_ reader: FieldReader, sha256: (String) -> String) throws(FieldFault) {
        let model = FieldReader(try reader.required("model", reader.object("model")), path: "model")
        let files = try model.files("files")
        let digest = try Self.digest(model, of: files, sha256: sha256)
        let proposed: ModelID? = try model.name("id")
        guard let id = proposed ?? digest.flatMap({ ModelID(String($0.text.prefix(8))) }) else {
            throw FieldFault("model.id", "is required when there are neither files nor a digest to take it from")
        }
        self.init(id: id, fields: try ModelFields(model).ignoringNulls)
        self.files = files
        self.digest = digest
        if files != nil { fields.sizeBytes = .absent }
        alias = try reader.name("alias")
        forceAlias = try reader.bool("force_alias") ?? false
        onConflict = try reader.choice("on_conflict") ?? .error
        ifRevision = try reader.wireRevision("if_revision")
        let recordsCopyHere = try reader.bool("copy")
        recordsCopy = try model.bool("copy") ?? recordsCopyHere ?? true
        workerPath = try model.string("worker_path", maxBytes: 4096)
    }

    private static func digest(
        _ model: FieldReader, of files: [ModelFile]?, sha256: (String) -> String
    ) throws(FieldFault) -> Digest? {
        let claimed: Digest? = try model.name("digest")
        guard let files, !files.isEmpty else { return claimed }
        let computed = Digest(trusted: sha256(ModelFile.digestLines(of: files)))
        guard claimed == nil || claimed == computed else {
            throw FieldFault("model.digest", "does not belong to these files; theirs is \(computed)")
        }
        return computed
    }
}

extension ModelUpdate {
    private static let settled = [
        "id", "files", "digest", "version", "alias", "aliases", "copies", "available_on_workers", "revision",
        "created_revision", "deleted_at", "published_by", "published_at",
    ]

    fileprivate init(_ reader: FieldReader) throws(FieldFault) {
        let set = FieldReader(try reader.object("set") ?? [:], path: "set")
        for key in Self.settled where set.has(key) {
            let remedy = key.hasPrefix("alias") ? "use registry_alias" : "publish a model instead"
            throw FieldFault(set.path(key), "cannot be set; \(remedy)")
        }
        self.init(model: try reader.modelName(), fields: try ModelFields(set))
        addTags = try reader.strings("add_tags", maxCount: EntryLimits.tags, rule: Tag.rule, Tag.isValid) ?? []
        removeTags = try reader.strings("remove_tags", maxCount: EntryLimits.tags, rule: Tag.rule) { _ in true } ?? []
        ifModelRevision = try reader.wireRevision("if_model_revision")
    }
}

extension AliasMove {
    fileprivate init(_ reader: FieldReader) throws(FieldFault) {
        guard reader.has("model_id") else {
            throw FieldFault("model_id", "is required; null takes the alias away")
        }
        self.init(
            alias: try reader.required("alias", reader.name("alias")),
            model: try reader.string("model_id", maxBytes: 128))
        if let id: ModelID = try reader.name("expected_model_id") {
            expected = .set(id)
        } else if reader.has("expected_model_id") {
            expected = .cleared
        }
        force = try reader.bool("force") ?? false
        reason = try reader.reason()
    }
}

extension CopyReport {
    fileprivate init(_ reader: FieldReader) throws(FieldFault) {
        self.init(
            model: try reader.modelName(), available: try reader.required("available", reader.bool("available")))
        path = try reader.string("path", maxBytes: 4096)
        digest = try reader.name("digest")
    }
}

// MARK: - Reads

extension FieldReader {
    /// A query in the filter language. A faulty one is told by where the fault is.
    fileprivate func searchQuery() throws -> SearchQuery? {
        guard let text = try string("query", maxBytes: .max) else { return nil }
        do {
            return try SearchQuery(text)
        } catch {
            throw Refusal.invalidQuery(error)
        }
    }
}

extension RegistryQuery {
    fileprivate init(_ reader: FieldReader, _ limits: WireLimits) throws {
        let command = try reader.required("command", reader.string("command"))
        switch command {
        case "list_models": self = .listModels(try ListQuery(reader, limits))
        case "get_model_info": self = .modelInfo(try reader.modelName(), at: try reader.point())
        case "check_model_exists": self = .modelExists(try reader.modelName())
        case "compare_models": self = .compare(try Self.compared(reader))
        case "history": self = .history(try HistoryQuery(reader, limits))
        case "manifest": self = .manifest(at: try reader.point())
        default:
            throw FieldFault(
                "command",
                "must be one of list_models, get_model_info, check_model_exists, compare_models, history, manifest")
        }
    }

    private static func compared(_ reader: FieldReader) throws(FieldFault) -> [String] {
        let rule = "must name 2 to 10 different models"
        let names = try reader.required(
            "model_ids", reader.strings("model_ids", maxCount: 10, rule: rule) { $0.utf8.count <= 128 })
        guard names.count >= 2 else { throw FieldFault("model_ids", rule) }
        return names
    }
}

extension ListQuery {
    fileprivate init(_ reader: FieldReader, _ limits: WireLimits) throws {
        self.init()
        filter = try ModelFilter(FieldReader(try reader.object("filters") ?? [:], path: "filters"))
        filter.query = try reader.searchQuery()
        limit = try reader.integer("limit", in: 1...limits.pageModels) ?? min(100, limits.pageModels)
        if let text = try reader.string("sort", maxBytes: 128) {
            guard let order = ModelOrder(text) else { throw FieldFault("sort", ModelOrder.rule) }
            self.order = order
        }
        guard let text = try reader.string("cursor", maxBytes: 2048) else { return }
        guard let cursor = PageCursor(text), cursor.continues(order) else {
            throw FieldFault("cursor", "must be a next_cursor of the same sort")
        }
        self.cursor = cursor
    }
}

extension ListQuery {
    /// The same request with its members given side by side, as over HTTP: `filters` are not apart.
    package init(flat members: JSONObject, limits: WireLimits) throws(Refusal) {
        var message = members
        message["filters"] = .object(members)
        do {
            try self.init(FieldReader(message), limits)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw .invalid(String(describing: error).replacing("filters.", with: ""))
        }
    }
}

extension HistoryQuery {
    fileprivate init(_ reader: FieldReader, _ limits: WireLimits) throws(FieldFault) {
        if let alias: Alias = try reader.name("alias") {
            subject = .alias(alias)
        } else if let model = try reader.string("model_id", maxBytes: 128) {
            subject = .model(model)
        }
        after = try reader.wireRevision("after_revision") ?? .zero
        limit = try reader.integer("limit", in: 1...limits.pageModels) ?? min(100, limits.pageModels)
    }
}

extension Subscription {
    fileprivate init(_ reader: FieldReader) throws {
        if let since = try reader.object("since") {
            let position = FieldReader(since, path: "since")
            self.since = Position(
                epoch: try position.required("epoch", position.name("epoch")),
                revision: try position.required("revision", position.wireRevision("revision")))
        }
        filter = try ModelFilter(FieldReader(try reader.object("filters") ?? [:], path: "filters"))
        filter.query = try reader.searchQuery()
        try requireLive()
        presence = try reader.bool("presence") ?? false
    }

    /// What a live query tells must follow from revisions alone.
    private func requireLive() throws {
        guard let query = filter.query else { return }
        do {
            try query.requireLive()
        } catch {
            throw Refusal.invalidQuery(error)
        }
        guard filter.available == nil else {
            throw FieldFault("filters.available", "cannot go with a live query: it tells who is online")
        }
    }
}
