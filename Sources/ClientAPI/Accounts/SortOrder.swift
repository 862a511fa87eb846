/// Ascending puts what has no value last; descending is the exact reverse and puts it first, as clients are used to.
enum SortOrder: String, CaseIterable {
    case asc, desc

    /// Equal ones keep their order either way.
    func sorted<Element>(_ elements: [Element], by key: (Element) -> SortKey) -> [Element] {
        let keyed = elements.enumerated().map { (key: key($1), place: $0, element: $1) }
        return keyed.sorted { left, right in
            if left.key == right.key { return left.place < right.place }
            return self == .asc ? left.key < right.key : right.key < left.key
        }.map(\.element)
    }
}

/// What a list is sorted by; one without a value comes after all others.
enum SortKey: Equatable {
    case text(String)
    case number(Int64)
    case none

    init(_ text: String?) { self = text.map(SortKey.text) ?? .none }
    init(_ number: Int64?) { self = number.map(SortKey.number) ?? .none }

    /// Texts go by their bytes.
    static func < (left: SortKey, right: SortKey) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right
        case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.none, _): false
        case (_, .none): true
        case (.number, .text): true
        case (.text, .number): false
        }
    }
}
