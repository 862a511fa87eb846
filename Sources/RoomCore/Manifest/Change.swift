import JSONWire

/// What one revision did.
package struct Change: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case published, updated, aliased, unaliased, withdrawn, restored, copied, stored, missing
    }

    package let revision: Revision
    package let at: Timestamp
    package let actor: UserID
    package let kind: Kind
    package let alias: Alias?
    package let reason: String?
    /// The subject as it was; nil when the change created it.
    package let before: ModelEntry?
    /// The subject as it is now.
    package let after: ModelEntry
    /// The model that lost an alias to the subject, as it is now.
    package let other: ModelEntry?

    package var modelID: ModelID { after.model.id }

    /// The model that the change took its alias from, if one held it.
    package var previousHolder: ModelID? {
        guard let alias else { return nil }
        if let other { return other.model.id }
        return before?.model.aliases.contains(alias) == true ? modelID : nil
    }

    package init(
        revision: Revision, at: Timestamp, actor: UserID, kind: Kind, alias: Alias? = nil, reason: String? = nil,
        before: ModelEntry?, after: ModelEntry, other: ModelEntry? = nil
    ) {
        self.revision = revision
        self.at = at
        self.actor = actor
        self.kind = kind
        self.alias = alias
        self.reason = reason
        self.before = before
        self.after = after
        self.other = other
    }
}

// MARK: - As the record keeps it

extension Change {
    package func recorded() -> [UInt8] {
        let room = [before, after, other].reduce(256) { $0 + ($1?.encodedBound ?? 0) }
        var writer = JSONWriter(reserving: room)
        writer.beginObject()
        writer.member("revision", revision.number)
        writer.member("at", at.description)
        writer.member("actor", actor.text)
        writer.member("kind", kind.rawValue)
        writer.member("alias", alias?.text)
        writer.member("reason", reason)
        for (key, entry) in [("before", before), ("after", after), ("other", other)] {
            guard let entry else { continue }
            writer.key(key)
            writer.raw(entry.recorded())
        }
        writer.endObject()
        return writer.bytes
    }

    package init(recorded bytes: [UInt8]) throws(RecordFault) {
        self = try bytes.withUnsafeBufferPointer { (bytes) throws(RecordFault) in
            try Change(recorded: UnsafeRawBufferPointer(bytes))
        }
    }

    private init(recorded bytes: UnsafeRawBufferPointer) throws(RecordFault) {
        do {
            let parts = try RecordedParts(bytes, apart: ["before", "after", "other"])
            guard let after = try parts.entry(1) else { throw FieldFault("after", "is required") }
            let reader = parts.header
            self.init(
                revision: try reader.revision("revision"),
                at: try reader.required("at", reader.moment("at")),
                actor: try reader.required("actor", reader.name("actor")),
                kind: try reader.required("kind", reader.choice("kind")),
                alias: try reader.name("alias"),
                reason: try reader.string("reason", maxBytes: 4096),
                before: try parts.entry(0),
                after: after,
                other: try parts.entry(2))
        } catch {
            throw RecordFault(String(describing: error))
        }
    }
}

/// A row of the record that cannot be read: it was not written by this program, or was damaged.
package struct RecordFault: Error, Equatable, Sendable, CustomStringConvertible {
    package static let maxDepth = 80

    package let description: String

    package init(_ description: String) { self.description = description }
}
