import JSONWire

/// Every model a room offers, at one revision: the fold of its changes.
package struct Manifest: Sendable {
    package let room: RoomID
    package let epoch: Epoch
    package private(set) var revision: Revision
    package private(set) var updatedAt: Timestamp
    /// By id, the withdrawn ones included.
    package private(set) var models: [ModelID: ModelEntry] = [:]
    package private(set) var aliases: [Alias: ModelID] = [:]
    /// The highest version given so far, per name; a version is never given twice.
    package private(set) var newestVersions: [String: Int] = [:]
    /// Ids by `published_at`, oldest first, which is the order of the default list.
    package private(set) var byPublication: [ModelID] = []
    /// Models that are not withdrawn.
    package private(set) var liveCount = 0

    package init(room: RoomID, epoch: Epoch, revision: Revision = .zero, updatedAt: Timestamp) {
        self.room = room
        self.epoch = epoch
        self.revision = revision
        self.updatedAt = updatedAt
    }

    /// The same models in another room or epoch.
    package func moved(to room: RoomID, _ epoch: Epoch) -> Manifest {
        var moved = Manifest(room: room, epoch: epoch, revision: revision, updatedAt: updatedAt)
        (moved.models, moved.aliases, moved.newestVersions) = (models, aliases, newestVersions)
        (moved.byPublication, moved.liveCount) = (byPublication, liveCount)
        return moved
    }

    /// The model of an id or alias; ids win.
    package func resolve(_ name: String) -> ModelEntry? {
        if let id = ModelID(name), let entry = models[id] { return entry }
        return Alias(name).flatMap { aliases[$0] }.flatMap { models[$0] }
    }

    /// Folds in the next change.
    /// - Precondition: its revision is the successor of this manifest's.
    package mutating func apply(_ change: Change) {
        precondition(change.revision == revision.successor, "changes are applied in order, without gaps")
        if let other = change.other { put(other) }
        put(change.after)
        revision = change.revision
        updatedAt = change.at
    }

    private mutating func put(_ entry: ModelEntry) {
        let model = entry.model
        let old = models.updateValue(entry, forKey: model.id)?.model
        for alias in old?.aliases ?? [] where aliases[alias] == model.id { aliases[alias] = nil }
        for alias in model.aliases { aliases[alias] = model.id }
        if let name = model.name, let version = model.version {
            newestVersions[name] = max(newestVersions[name] ?? 0, version)
        }
        liveCount += (model.isWithdrawn ? 0 : 1) - (old.map { $0.isWithdrawn ? 0 : 1 } ?? 0)
        place(model, insteadOf: old)
    }

    /// Keeps ``byPublication`` in order; new models come last, so this is one append in nearly every case.
    private mutating func place(_ model: Model, insteadOf old: Model?) {
        if let old {
            guard old.publishedAt != model.publishedAt else { return }
            byPublication.removeAll { $0 == model.id }
        }
        var index = byPublication.endIndex
        while index > 0, let earlier = models[byPublication[index - 1]]?.model,
            (model.publishedAt, model.id) < (earlier.publishedAt, earlier.id)
        {
            index -= 1
        }
        byPublication.insert(model.id, at: index)
    }
}

// MARK: - As snapshots keep it

extension Manifest {
    /// The whole manifest as one JSON object, for the record's snapshots.
    package func recorded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", "1.0")
        writer.member("room_id", room.text)
        writer.member("epoch", epoch.text)
        writer.member("revision", revision.number)
        writer.member("updated_at", updatedAt.description)
        writer.key("newest_versions")
        writer.beginObject()
        for (name, version) in newestVersions {
            writer.key(name)
            writer.integer(version)
        }
        writer.endObject()
        writer.key("models")
        writer.beginArray()
        for id in byPublication {
            guard let entry = models[id] else { continue }
            writer.raw(entry.recorded())
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    package init(recorded bytes: [UInt8]) throws(RecordFault) {
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(RecordFault) in
            try Manifest(recorded: UnsafeRawBufferPointer(bytes))
        }
    }

    private init(recorded bytes: UnsafeRawBufferPointer) throws(RecordFault) {
        do {
            let parts = try RecordedParts(bytes, apart: ["models"])
            let reader = parts.header
            self.init(
                room: try reader.required("room_id", reader.name("room_id")),
                epoch: try reader.required("epoch", reader.name("epoch")),
                revision: try reader.revision("revision"),
                updatedAt: try reader.required("updated_at", reader.moment("updated_at")))
            for entry in try reader.required("models", parts.entries(0)) { try putRecorded(entry) }
            for (name, value) in try reader.required("newest_versions", reader.object("newest_versions")) {
                guard let version = value.intValue, version > 0 else {
                    throw FieldFault("newest_versions", "must map names to whole numbers from 1")
                }
                newestVersions[name] = max(newestVersions[name] ?? 0, version)
            }
        } catch {
            throw RecordFault(String(describing: error))
        }
    }

    /// Versions of names whose newest model may be gone from the manifest.
    mutating func raise(_ versions: [String: Int]) {
        for (name, version) in versions { newestVersions[name] = max(newestVersions[name] ?? 0, version) }
    }

    /// A snapshot names each model once and gives each alias to one of them; anything else is damage.
    mutating func putRecorded(_ entry: ModelEntry) throws(FieldFault) {
        let model = entry.model
        guard models[model.id] == nil else { throw FieldFault("models", "name \(model.id) twice") }
        for alias in model.aliases where aliases[alias] != nil {
            throw FieldFault("models", "give the alias \(alias) twice")
        }
        put(entry)
    }
}
