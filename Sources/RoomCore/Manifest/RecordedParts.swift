import JSONWire

/// A recorded object whose large members are read from their own bytes; the small ones are a tree as usual.
///
/// The bytes are the caller's: the parts live as long as the call that lent them.
struct RecordedParts {
    let header: FieldReader
    private let bytes: UnsafeRawBufferPointer
    private let names: [StaticString]
    private let spans: [JSONSpan?]

    init(_ bytes: UnsafeRawBufferPointer, apart names: [StaticString]) throws(JSONFault) {
        var spans = [JSONSpan?](repeating: nil, count: names.count)
        var small: [(key: JSONSpan, value: JSONSpan)] = []
        try JSONScanner.scanObject(bytes, maxDepth: RecordFault.maxDepth) { key, value in
            if let place = names.firstIndex(where: { JSONScanner.matches(key, $0, in: bytes) }) {
                spans[place] = value
            } else {
                small.append((key, value))
            }
        }
        var object = JSONObject()
        for (key, value) in small {
            let text = UnsafeRawBufferPointer(rebasing: bytes[value.rawRange])
            object[JSONScanner.decodeString(key, in: bytes)] = try JSONValue.parse(text, maxDepth: RecordFault.maxDepth)
        }
        header = FieldReader(object)
        (self.bytes, self.names, self.spans) = (bytes, names, spans)
    }

    /// The entry that is the member of a number; nil when it is absent or null.
    func entry(_ place: Int) throws(RecordFault) -> ModelEntry? {
        guard let span = spans[place], span.kind != .null else { return nil }
        guard span.kind == .object else { throw RecordFault("\(names[place]): must be an object") }
        return try ModelEntry(recorded: UnsafeRawBufferPointer(rebasing: bytes[span.range]))
    }

    /// The entries of the list that is the member of a number; nil when it is absent or null.
    func entries(_ place: Int) throws(RecordFault) -> [ModelEntry]? {
        guard let span = spans[place], span.kind != .null else { return nil }
        guard span.kind == .array else { throw RecordFault("\(names[place]): must be a list") }
        let text = UnsafeRawBufferPointer(rebasing: bytes[span.range])
        var elements: [JSONSpan] = []
        do {
            _ = try JSONScanner.scanArray(text, maxDepth: RecordFault.maxDepth) { elements.append($0) }
        } catch {
            throw RecordFault("\(names[place]): \(error)")
        }
        var entries: [ModelEntry] = []
        entries.reserveCapacity(elements.count)
        for element in elements {
            entries.append(try ModelEntry(recorded: UnsafeRawBufferPointer(rebasing: text[element.rawRange])))
        }
        return entries
    }
}
