import JSONWire

/// The members of an entry that stand as entries are written: all of them, in their order, and nothing else.
///
/// Rooms are read by the hundred thousand entries at a start. Where each member is known by its place, none is searched
/// by name and no tree is built of what is not one.
struct RecordedMembers {
    /// In the order of `Model.write` and ``ModelEntry/recorded()``.
    enum Member: Int, CaseIterable {
        case id, name, version, type, status, alias, aliases, tags, notes
        case trainedBy, trainedOnWorker, trainedAt, publishedBy, publishedAt, parentID, source
        case digest, sizeBytes, files, training, metrics, hyperparameters, sleapNNVersion, gitCommit, wandb, storage
        case revision, createdRevision, deletedAt, isProtected, copies
    }

    /// Something that a reading by place does not know: the entry is read as a tree, which names what is wrong.
    struct Unusual: Error {}

    private static let names: [StaticString] = [
        "id", "name", "version", "model_type", "status", "alias", "aliases", "tags", "notes",
        "trained_by", "trained_on_worker", "trained_at", "published_by", "published_at", "parent_id", "source",
        "digest", "size_bytes", "files", "training", "metrics", "hyperparameters", "sleap_nn_version", "git_commit",
        "wandb", "storage", "revision", "created_revision", "deleted_at", "protected", "copies",
    ]

    private let bytes: UnsafeRawBufferPointer
    private let spans: [JSONSpan]

    /// Nil when the members are others, or the bytes are no object.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.first == UInt8(ascii: "{") else { return nil }
        var spans: [JSONSpan] = []
        spans.reserveCapacity(Self.names.count)
        var isUsual = true
        do throws(JSONFault) {
            try JSONScanner.scanObject(bytes, maxDepth: RecordFault.maxDepth) { key, value in
                let place = spans.count
                isUsual =
                    isUsual && place < Self.names.count
                    && JSONScanner.matches(key, Self.names[place], in: bytes)
                spans.append(value)
            }
        } catch {
            return nil
        }
        guard isUsual, spans.count == Self.names.count else { return nil }
        (self.bytes, self.spans) = (bytes, spans)
    }

    /// Everything up to the copies, whose presence changes.
    var open: UnsafeRawBufferPointer.SubSequence { bytes[..<spans[Member.isProtected.rawValue].rawRange.upperBound] }

    private func span(_ member: Member) -> JSONSpan { spans[member.rawValue] }

    private func isNull(_ member: Member) -> Bool { span(member).kind == .null }
}

// MARK: - Values

/// The bytes of an entry are kept as they are, so a value that would be written otherwise is unusual, whatever it means.

extension RecordedMembers {
    func text(_ member: Member, maxBytes: Int) throws(Unusual) -> String? {
        guard !isNull(member) else { return nil }
        guard let text = JSONScanner.string(span(member), in: bytes), text.utf8.count <= maxBytes else {
            throw Unusual()
        }
        return text
    }

    func name<Name: ValidatedText>(_ member: Member) throws(Unusual) -> Name? {
        guard !isNull(member) else { return nil }
        guard let name = JSONScanner.string(span(member), in: bytes).flatMap(Name.init) else { throw Unusual() }
        return name
    }

    func choice<Choice: RawRepresentable>(_ member: Member) throws(Unusual) -> Choice?
    where Choice.RawValue == String {
        guard !isNull(member) else { return nil }
        guard let choice = JSONScanner.string(span(member), in: bytes).flatMap(Choice.init(rawValue:)) else {
            throw Unusual()
        }
        return choice
    }

    func moment(_ member: Member) throws(Unusual) -> Timestamp? {
        guard !isNull(member) else { return nil }
        guard let text = JSONScanner.string(span(member), in: bytes), let moment = Timestamp(text),
            moment.description == text
        else { throw Unusual() }
        return moment
    }

    func integer(_ member: Member, from least: Int, through most: Int = .max) throws(Unusual) -> Int? {
        guard !isNull(member) else { return nil }
        let span = span(member)
        guard bytes[span.range].allSatisfy({ (0x30...0x39).contains($0) }),
            let number = JSONScanner.integer(span, in: bytes), number >= least, number <= most
        else { throw Unusual() }
        return number
    }

    func flag(_ member: Member) throws(Unusual) -> Bool? {
        guard !isNull(member) else { return nil }
        guard let flag = JSONScanner.bool(span(member)) else { throw Unusual() }
        return flag
    }

    /// A member that is a tree, read by the rules of its field; nil when it is null.
    func tree<Value>(
        _ member: Member, _ read: (FieldReader, String) throws(FieldFault) -> Value?
    ) throws(Unusual) -> Value? {
        guard !isNull(member) else { return nil }
        return try self.read(member, read)
    }

    /// A member that is a list, of which reading leaves nothing out.
    func list<Element>(
        _ member: Member, _ read: (FieldReader, String) throws(FieldFault) -> [Element]?
    ) throws(Unusual) -> [Element] {
        let span = span(member)
        guard span.kind == .array else { throw Unusual() }
        guard span.range.count > 2 else { return [] }
        var count = 0
        let elements = try self.read(member) { reader, key throws(FieldFault) in
            count = try reader.array(key, maxCount: .max)?.count ?? 0
            return try read(reader, key)
        }
        guard let elements, elements.count == count else { throw Unusual() }
        return elements
    }

    private func read<Value>(
        _ member: Member, _ read: (FieldReader, String) throws(FieldFault) -> Value?
    ) throws(Unusual) -> Value? {
        let text = UnsafeRawBufferPointer(rebasing: bytes[span(member).rawRange])
        let key = Self.names[member.rawValue].description
        guard let value = try? JSONValue.parse(text, maxDepth: RecordFault.maxDepth),
            let read = try? read(FieldReader([key: value]), key)
        else { throw Unusual() }
        return read
    }

    func required<Value>(_ value: Value?) throws(Unusual) -> Value {
        guard let value else { throw Unusual() }
        return value
    }
}
