import JSONWire

/// How a list is sorted: by one field, ties by id, models without the field always last.
package struct ModelOrder: Sendable, Equatable {
    package enum Key: Sendable, Equatable {
        case publishedAt, trainedAt, alias, name, sizeBytes, finalLoss
        case metric(String)
    }

    package let key: Key
    package let descending: Bool

    package static let newestFirst = ModelOrder(key: .publishedAt, descending: true)
    package static let rule =
        "must be one of published_at, trained_at, alias, name, size_bytes, final_loss, metrics.<name>, "
        + "with - in front for descending"

    package init(key: Key, descending: Bool) {
        self.key = key
        self.descending = descending
    }

    package init?(_ text: String) {
        descending = text.hasPrefix("-")
        let field = descending ? text.dropFirst() : text[...]
        switch field {
        case "published_at": key = .publishedAt
        case "trained_at": key = .trainedAt
        case "alias": key = .alias
        case "name": key = .name
        case "size_bytes": key = .sizeBytes
        case "final_loss": key = .finalLoss
        default:
            // As bytes, since a name that begins with a combining mark joins the dot before it.
            guard field.utf8.starts(with: "metrics.".utf8), (9...72).contains(field.utf8.count) else { return nil }
            key = .metric(String(Substring(field.utf8.dropFirst(8))))
        }
    }

    package var text: String {
        let field =
            switch key {
            case .publishedAt: "published_at"
            case .trainedAt: "trained_at"
            case .alias: "alias"
            case .name: "name"
            case .sizeBytes: "size_bytes"
            case .finalLoss: "final_loss"
            case .metric(let name): "metrics.\(name)"
            }
        return (descending ? "-" : "") + field
    }

    func rank(of model: Model) -> Rank {
        let value: Rank.Value? =
            switch key {
            case .publishedAt: .moment(model.publishedAt)
            case .trainedAt: model.trainedAt.map(Rank.Value.moment)
            case .alias: model.alias.map { .text($0.text) }
            case .name: model.name.map(Rank.Value.text)
            case .sizeBytes: model.sizeBytes.map { .number(Double($0)) }
            case .finalLoss: model.training["final_loss"]?.doubleValue.map(Rank.Value.number)
            case .metric(let name): model.metrics[name]?.doubleValue.map(Rank.Value.number)
            }
        return Rank(value: value, id: model.id)
    }

    func precedes(_ left: Rank, _ right: Rank) -> Bool {
        switch (left.value, right.value) {
        case (nil, nil): return descending ? left.id > right.id : left.id < right.id
        case (_?, nil): return true
        case (nil, _?): return false
        case (let a?, let b?):
            if a.precedes(b) { return !descending }
            if b.precedes(a) { return descending }
            return descending ? left.id > right.id : left.id < right.id
        }
    }
}

/// A model's place in an order.
package struct Rank: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case moment(Timestamp)
        case text(String)
        case number(Double)

        func precedes(_ other: Value) -> Bool {
            switch (self, other) {
            case (.moment(let a), .moment(let b)): a < b
            case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
            case (.number(let a), .number(let b)): a < b
            case (.moment, _), (.text, _), (.number, _): false
            }
        }
    }

    let value: Value?
    let id: ModelID
}

/// Where the next page begins: after a rank, in an order. Opaque to peers; pages stay right while models come and go.
package struct PageCursor: Sendable, Equatable {
    let order: ModelOrder
    let rank: Rank

    package init(order: ModelOrder, after model: Model) {
        self.order = order
        rank = order.rank(of: model)
    }

    /// Whether this cursor belongs to a list in `order`.
    package func continues(_ order: ModelOrder) -> Bool { self.order == order }

    /// `<order>|<id>|<kind><value>`, hex-encoded so that it reads as one opaque word. The order is hex already inside,
    /// since a metric's name may hold the separator.
    package var text: String {
        let value =
            switch rank.value {
            case nil: "-"
            case .moment(let moment): "m\(moment.microseconds)"
            case .text(let text): "t\(text)"
            case .number(let number): "n\(number)"
            }
        let word = "\(Self.hex(order.text))|\(rank.id)|\(value)"
        return Self.hex(word)
    }

    package init?(_ text: String) {
        guard text.utf8.count <= 2048, let decoded = Self.unhex(text) else { return nil }
        // As bytes: a name may begin with a combining mark, which as a Character would swallow the kind before it.
        let parts = decoded.utf8.split(separator: UInt8(ascii: "|"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let order = Self.unhex(String(Substring(parts[0]))).flatMap(ModelOrder.init),
            let id = ModelID(String(Substring(parts[1]))), let kind = parts[2].first
        else { return nil }
        let rest = String(Substring(parts[2].dropFirst()))
        let value: Rank.Value?
        switch kind {
        case UInt8(ascii: "-"): value = nil
        case UInt8(ascii: "m"):
            guard let moment = Int64(rest) else { return nil }
            value = .moment(Timestamp(microseconds: moment))
        case UInt8(ascii: "t"): value = .text(rest)
        case UInt8(ascii: "n"):
            guard let number = Double(rest) else { return nil }
            value = .number(number)
        default: return nil
        }
        self.order = order
        rank = Rank(value: value, id: id)
    }

    private static func hex(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func unhex(_ text: String) -> String? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2), digits.allSatisfy(\.isHex) else { return nil }
        let bytes = stride(from: 0, to: digits.count, by: 2).map { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
