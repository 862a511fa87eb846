import JSONWire

/// A manifest as a set of named pieces, so that a shared view of it can be moved by what a change touched alone.
///
///     at            when the newest change was made
///     model/<id>    the entry as the record keeps it
///     newest/<name> the highest version given under a name
extension Manifest {
    package typealias Piece = (name: String, value: [UInt8])

    private static let momentName = "at"
    private static let modelPrefix = "model/"
    private static let versionPrefix = "newest/"

    package var pieces: [Piece] {
        [momentPiece] + models.values.map(Self.piece)
            + newestVersions.map { ("\(Self.versionPrefix)\($0.key)", Array("\($0.value)".utf8)) }
    }

    /// The pieces that changes touched, as they stand in this manifest.
    package func pieces(touchedBy changes: [Change]) -> [Piece] {
        var ids: Set<ModelID> = []
        for change in changes {
            ids.insert(change.modelID)
            if let other = change.other?.model.id { ids.insert(other) }
        }
        let touched = ids.compactMap { models[$0] }
        let names = Set(touched.compactMap(\.model.name))
        return [momentPiece] + touched.map(Self.piece)
            + names.compactMap { name in
                newestVersions[name].map { ("\(Self.versionPrefix)\(name)", Array("\($0)".utf8)) }
            }
    }

    private var momentPiece: Piece { (Self.momentName, Array(updatedAt.description.utf8)) }

    private static func piece(_ entry: ModelEntry) -> Piece { (modelPrefix + entry.model.id.text, entry.recorded()) }

    /// Puts pieces together again; those of other names are of a newer version and passed over.
    package init(
        room: RoomID, epoch: Epoch, revision: Revision, pieces: some Sequence<Piece>
    ) throws(RecordFault) {
        var moment: Timestamp?
        var models: [ModelEntry] = []
        var versions: [String: Int] = [:]
        for piece in pieces {
            if piece.name == Self.momentName {
                moment = Timestamp(String(decoding: piece.value, as: UTF8.self))
            } else if piece.name.hasPrefix(Self.modelPrefix) {
                models.append(try Self.model(piece))
            } else if piece.name.hasPrefix(Self.versionPrefix) {
                versions[String(piece.name.dropFirst(Self.versionPrefix.count))] =
                    Int(String(decoding: piece.value, as: UTF8.self))
            }
        }
        guard let moment else { throw RecordFault("the moment of the newest change is missing") }
        self.init(room: room, epoch: epoch, revision: revision, updatedAt: moment)
        models.sort { ($0.model.publishedAt, $0.model.id) < ($1.model.publishedAt, $1.model.id) }
        do throws(FieldFault) {
            for model in models { try putRecorded(model) }
        } catch {
            throw RecordFault(String(describing: error))
        }
        raise(versions)
    }

    private static func model(_ piece: Piece) throws(RecordFault) -> ModelEntry {
        do {
            return try piece.value.withUnsafeBytes { (bytes) throws(RecordFault) in try ModelEntry(recorded: bytes) }
        } catch {
            throw RecordFault("\(piece.name): \(error)")
        }
    }
}
