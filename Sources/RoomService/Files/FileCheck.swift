import Logging
import RoomCore
import RoomStorage

/// Compares what rooms say of their files with what the store holds, and mends the difference.
///
/// Models whose objects are gone become `missing`, and `stored` again when they return. Objects without a model are
/// told of and, after a grace time, collected. What cannot be known is left alone: an object of a room that is not in
/// the record stays, since the record may only not be restored yet.
package struct FileCheck: Sendable {
    /// What was found, in numbers and a few names.
    package struct Report: Sendable, Equatable {
        package var roomsChecked = 0
        package var modelsChecked = 0
        package var missing: [String] = []
        package var returned: [String] = []
        package var orphans: [BlobDescription] = []
        package var orphanCount = 0
        package var orphanBytes = 0
        /// Orphans whose grace time is over.
        package var collectable = 0
        package var collected = 0
        /// Objects of rooms that are not in the record, which are never collected.
        package var objectsOfUnknownRooms = 0
        package var abandonedUploads = 0

        package init() {}

        mutating func name(_ orphan: BlobDescription) {
            orphanCount += 1
            orphanBytes += orphan.size
            if orphans.count < FileCheck.namedOrphans { orphans.append(orphan) }
        }
    }

    static let namedOrphans = 100
    private static let page = 1000

    let files: ModelFiles
    let manifests: any ManifestStore
    let directory: RoomDirectory?
    let clock: @Sendable () -> Timestamp
    let logger: Logger

    /// - Parameter directory: where changes are written; without one nothing is changed, only told.
    package init(
        _ files: ModelFiles, manifests: any ManifestStore, directory: RoomDirectory?,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.files = files
        self.manifests = manifests
        self.directory = directory
        self.clock = clock
        self.logger = logger
    }

    /// Checks now and then until cancelled, collecting what is past its grace time.
    package func run() async {
        guard files.settings.checkSeconds > 0 else { return }
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(files.settings.checkSeconds))
            guard !Task.isCancelled else { return }
            do {
                let report = try await examine(.mending)
                guard report.orphanCount > 0 || !report.missing.isEmpty || !report.returned.isEmpty else { continue }
                logger.notice(
                    "files were checked",
                    metadata: [
                        "missing": "\(report.missing.count)", "returned": "\(report.returned.count)",
                        "orphans": "\(report.orphanCount)", "collected": "\(report.collected)",
                    ])
            } catch {
                logger.warning("files could not be checked", metadata: ["cause": "\(error)"])
            }
        }
    }

    package enum Scope: Sendable {
        /// Changes nothing.
        case telling
        /// Marks models, and removes orphans past their grace time and uploads that nobody went on with.
        case mending
    }

    /// One pass over all rooms and all objects.
    package func examine(_ scope: Scope) async throws -> Report {
        let isMending = scope == .mending && directory != nil
        var report = Report()
        var last: RoomID?
        while true {
            let rooms = try await files.rooms(last, 100)
            for room in rooms { try await examine(room, marking: isMending, &report) }
            guard let end = rooms.last, rooms.count == 100 else { break }
            last = end
        }
        try await examineObjects(collecting: isMending, &report)
        try await abandonUploads(collecting: isMending, &report)
        return report
    }
}

// MARK: - Models

extension FileCheck {
    private func examine(_ room: RoomID, marking: Bool, _ report: inout Report) async throws {
        report.roomsChecked += 1
        let models = try await modelsWithFiles(of: room)
        guard models.contains(where: { $0.storage.state != .uploading }) else { return }
        let sizes = try await objects(of: room)
        for model in models where model.storage.state != .uploading && !model.files.isEmpty {
            report.modelsChecked += 1
            let isWhole = try model.files.allSatisfy { file throws(Refusal) in
                sizes[try ModelFiles.key(of: file.path, of: model.id, in: room)] == file.size
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

    private func modelsWithFiles(of room: RoomID) async throws -> [Model] {
        if let directory { return try await directory.room(room)?.modelsWithFiles() ?? [] }
        return try await Archive(manifests: manifests).load(room)?.manifest.models.values.map(\.model)
            .filter { $0.storage.state != .none } ?? []
    }

    private func knows(_ model: ModelID, in room: RoomID) async throws -> Bool {
        if let directory { return try await directory.room(room)?.knows(model) ?? true }
        return try await Archive(manifests: manifests).load(room)?.manifest.models[model] != nil
    }

    private func objects(of room: RoomID) async throws(StoreError) -> [BlobKey: Int] {
        var sizes: [BlobKey: Int] = [:]
        try await eachPage(of: "\(ModelFiles.prefix)\(room)/") { page throws(StoreError) in
            for object in page { sizes[object.key] = object.size }
        }
        return sizes
    }

    private func eachPage(
        of prefix: String, _ body: ([BlobDescription]) async throws(StoreError) -> Void
    ) async throws(StoreError) {
        var last: BlobKey?
        while true {
            let page = try await files.blobs.describe(prefix: prefix, after: last, limit: Self.page)
            guard let end = page.last else { return }
            try await body(page)
            last = end.key
        }
    }
}

// MARK: - Objects without a model

extension FileCheck {
    private func examineObjects(collecting: Bool, _ report: inout Report) async throws {
        var known: [String: Bool] = [:]
        var uploads: [RoomID: Set<BlobKey>] = [:]
        var last: BlobKey?
        while true {
            let page = try await files.blobs.describe(prefix: ModelFiles.prefix, after: last, limit: Self.page)
            guard let end = page.last else { return }
            for object in page {
                guard let (room, model) = ModelFiles.owner(of: object.key) else { continue }
                // Only a room that the record knows says of a model that it does not exist.
                if known["\(room)"] == nil { known["\(room)"] = try await manifests.head(of: room) != nil }
                guard known["\(room)"] == true else {
                    report.objectsOfUnknownRooms += 1
                    continue
                }
                let name = "\(room)/\(model)"
                if known[name] == nil { known[name] = try await knows(model, in: room) }
                if uploads[room] == nil { uploads[room] = try await keysInUse(in: room) }
                guard known[name] == false, uploads[room]?.contains(object.key) == false else { continue }
                report.name(object)
                let age = files.settings.graceSeconds
                guard object.modifiedAt.advanced(bySeconds: age) <= clock() else { continue }
                report.collectable += 1
                if collecting, try await collect(object, of: model, in: room) { report.collected += 1 }
            }
            last = end.key
        }
    }

    private func keysInUse(in room: RoomID) async throws(StoreError) -> Set<BlobKey> {
        Set(try await files.ledger.uploads(in: room).flatMap { $0.files.map(\.key) })
    }

    /// Looks once more, with nothing remembered, before an object goes for good.
    private func collect(_ object: BlobDescription, of model: ModelID, in room: RoomID) async throws -> Bool {
        guard try await manifests.head(of: room) != nil, try await !knows(model, in: room),
            try await !keysInUse(in: room).contains(object.key)
        else { return false }
        try await files.blobs.delete(object.key)
        return true
    }

    /// Uploads that nobody went on with: their parts go, and their models say so.
    private func abandonUploads(collecting: Bool, _ report: inout Report) async throws {
        let expired = try await files.ledger.uploads(expiredBefore: clock(), limit: Self.page)
        report.abandonedUploads = expired.count
        guard collecting else { return }
        for upload in expired {
            guard try await files.ledger.close(upload.id, expiring: upload.expiresAt) else { continue }
            try await files.abandonParts(of: upload)
            guard let loop = try await directory?.room(upload.room) else { continue }
            let report = StorageReport(model: upload.model, files: upload.files.map(\.file), outcome: .abandoned)
            do throws(Refusal) { try await loop.record(report) } catch {
                logger.debug("an abandoned upload could not be noted", metadata: ["cause": "\(error)"])
            }
        }
    }
}
