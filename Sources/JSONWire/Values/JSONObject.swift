/// The members of one object in the order they came, found by name.
///
/// A name is its UTF-8 bytes. Few members are searched one by one; beyond `few` an index keeps every look-up and every
/// addition at constant cost, so a hostile object with many keys is not slow. Removal is linear.
package struct JSONObject: Sendable {
    package typealias Member = (key: String, value: JSONValue)

    private static let few = 40

    private var members: [Member] = []
    /// Present exactly while there are more than `few` members.
    private var positions: [Name: Int]?

    package init() {}

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.map(\.key) }

    /// The value of `key`; setting keeps a known key's place, appends a new one, and removes it with nil.
    package subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): remove(at: position)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// Appends a member whose key is known to be new.
    mutating func append(_ key: String, _ value: JSONValue) {
        if members.isEmpty { members.reserveCapacity(8) }
        members.append((key, value))
        if positions != nil {
            positions?[Name(key)] = members.count - 1
        } else if members.count > Self.few {
            reindex()
        }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        reindex()
    }

    private mutating func reindex() {
        guard members.count > Self.few else { return positions = nil }
        positions = Dictionary(uniqueKeysWithValues: members.enumerated().map { (Name($1.key), $0) })
    }

    private func position(of key: String) -> Int? {
        if let positions { return positions[Name(key)] }
        return members.firstIndex { $0.key.hasSameUTF8(as: key) }
    }

    private struct Name: Hashable {
        private let text: String

        init(_ text: String) { self.text = text }

        static func == (left: Name, right: Name) -> Bool { left.text.hasSameUTF8(as: right.text) }
        func hash(into hasher: inout Hasher) { text.hashUTF8(into: &hasher) }
    }
}

extension JSONObject: Sequence {
    package var underestimatedCount: Int { members.count }

    package func makeIterator() -> IndexingIterator<[Member]> { members.makeIterator() }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(unique: elements) }

    init(unique elements: [(String, JSONValue)]) {
        for (key, value) in elements {
            precondition(position(of: key) == nil, "an object literal names each key once")
            append(key, value)
        }
    }
}

extension JSONObject: Hashable {
    /// Order is no part of an object (RFC 8259 section 4).
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        var sum = 0
        for (key, value) in self {
            var member = Hasher()
            key.hashUTF8(into: &member)
            member.combine(value)
            sum &+= member.finalize()
        }
        hasher.combine(count)
        hasher.combine(sum)
    }
}
