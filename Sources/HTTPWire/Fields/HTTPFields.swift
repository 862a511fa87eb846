/// The fields of a head, in the order they were sent, with names that match whatever their case.
///
/// All names and values live in one array of bytes and each field is four offsets into it: a decoded head is kept as it
/// was received, and no text is made before somebody asks for a field.
/// ```
/// bytes    GET / HTTP/1.1␍␊Host: a␍␊Accept: */*␍␊␍␊
/// entries                  └──┘  ╵  └────┘  └─┘      name, value, name, value
/// ```
/// What gets in is valid for the wire: a name is a token, a value holds no control byte but HTAB, so no field can end its
/// line and start another one. `append` and `set` refuse the whole field otherwise and say so by returning false.
package struct HTTPFields: Sendable {
    struct Entry: Sendable {
        private let nameStart: Int32
        private let nameEnd: Int32
        private let valueStart: Int32
        private let valueEnd: Int32

        init(name: Range<Int>, value: Range<Int>) {
            nameStart = Int32(name.lowerBound)
            nameEnd = Int32(name.upperBound)
            valueStart = Int32(value.lowerBound)
            valueEnd = Int32(value.upperBound)
        }

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// The largest sum of names and values `append` lets grow.
    package static let maxBytes = 1 << 20

    private(set) var bytes: [UInt8]
    private(set) var entries: [Entry]

    package init() {
        bytes = []
        entries = []
    }

    /// Fields that were validated while they were read into `bytes`.
    init(bytes: [UInt8], entries: [Entry]) {
        self.bytes = bytes
        self.entries = entries
    }

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }

    /// The value of the first field of this name, or nil; bytes that are not UTF-8 read as U+FFFD.
    package func first(_ name: String) -> String? {
        for entry in entries where ByteClass.matches(bytes, entry.name, name) {
            return text(entry.value)
        }
        return nil
    }

    /// The values of every field of this name, in order.
    package func all(_ name: String) -> [String] {
        entries.filter { ByteClass.matches(bytes, $0.name, name) }.map { text($0.value) }
    }

    package func contains(_ name: String) -> Bool {
        entries.contains { ByteClass.matches(bytes, $0.name, name) }
    }

    /// Adds a field after the others, blanks around its value taken off; false when it is refused and nothing changed.
    @discardableResult
    package mutating func append(_ name: String, _ value: String) -> Bool {
        guard ByteClass.isToken(name.utf8), value.utf8.allSatisfy({ ByteClass.isFieldValue($0) }),
            bytes.count + name.utf8.count + value.utf8.count <= Self.maxBytes
        else { return false }
        let nameStart = bytes.count
        bytes.append(contentsOf: name.utf8)
        let valueStart = bytes.count
        bytes.append(contentsOf: value.utf8)
        let value = ByteClass.trimmed(bytes, valueStart..<bytes.count)
        entries.append(Entry(name: nameStart..<valueStart, value: value))
        return true
    }

    /// Puts one field in the place of all of this name; false when it is refused and nothing changed.
    @discardableResult
    package mutating func set(_ name: String, _ value: String) -> Bool {
        var changed = self
        changed.remove(name)
        guard changed.append(name, value) else { return false }
        self = changed
        return true
    }

    /// Takes away all fields of this name, and their bytes with them.
    package mutating func remove(_ name: String) {
        guard contains(name) else { return }
        var kept = HTTPFields()
        for entry in entries where !ByteClass.matches(bytes, entry.name, name) {
            kept.append(bytes[entry.name], bytes[entry.value])
        }
        self = kept
    }

    /// Adds a field known to be valid.
    private mutating func append(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) {
        let nameStart = bytes.count
        bytes.append(contentsOf: name)
        let valueStart = bytes.count
        bytes.append(contentsOf: value)
        entries.append(Entry(name: nameStart..<valueStart, value: valueStart..<bytes.count))
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

extension HTTPFields: Equatable {
    /// Equal when the same names, whatever their case, have the same values in the same order.
    package static func == (left: HTTPFields, right: HTTPFields) -> Bool {
        left.entries.elementsEqual(right.entries) { mine, theirs in
            left.bytes[mine.value] == right.bytes[theirs.value]
                && left.bytes[mine.name].elementsEqual(right.bytes[theirs.name]) {
                    ByteClass.lowercased($0) == ByteClass.lowercased($1)
                }
        }
    }
}

extension HTTPFields: Sequence {
    package struct Iterator: IteratorProtocol {
        private let fields: HTTPFields
        private var index = 0

        init(_ fields: HTTPFields) {
            self.fields = fields
        }

        package mutating func next() -> (name: String, value: String)? {
            guard index < fields.entries.count else { return nil }
            defer { index += 1 }
            let entry = fields.entries[index]
            return (fields.text(entry.name), fields.text(entry.value))
        }
    }

    package func makeIterator() -> Iterator {
        Iterator(self)
    }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
    /// The fields of a literal, in its order; one that is not valid for the wire is left out.
    package init(dictionaryLiteral fields: (String, String)...) {
        self.init()
        for (name, value) in fields {
            append(name, value)
        }
    }
}
