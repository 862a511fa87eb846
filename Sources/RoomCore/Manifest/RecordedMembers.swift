import JSONWire

/// The members of an entry that stand as entries are written: all of them, in their order, and nothing else.
///
/// Rooms are read by the hundred thousand entries at a start. Where each member is known by its place, none is searched
/// by name and no tree is built of what is not one.
struct RecordedMembers {
    /// In the order of `Model.write` and `Model.recorded`.
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
        guard let moment = JSONScanner.string(span(member), in: bytes).flatMap({ Timestamp($0) }) else {
            throw Unusual()
        }
        return moment
    }

    func integer(_ member: Member, from least: Int, through most: Int = .max) throws(Unusual) -> Int? {
        guard !isNull(member) else { return nil }
        guard let number = JSONScanner.integer(span(member), in: bytes), number >= least, number <= most else {
            throw Unusual()
        }
        return number
    }

    func flag(_ member: Member) throws(Unusual) -> Bool? {
        guard !isNull(member) else { return nil }
        guard let flag = JSONScanner.bool(span(member)) else { throw Unusual() }
        return flag
    }

    /// A member that is a tree, read by the rules of its field; nil when it is null or an empty list.
    func tree<Value>(
        _ member: Member, _ read: (FieldReader, String) throws(FieldFault) -> Value?
    ) throws(Unusual) -> Value? {
        let span = span(member)
        guard span.kind != .null, !(span.kind == .array && span.range.count == 2) else { return nil }
        let text = UnsafeRawBufferPointer(rebasing: bytes[span.rawRange])
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
