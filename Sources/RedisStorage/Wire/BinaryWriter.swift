/// What our servers write to each other: numbers big-endian, texts and bytes after their length in four bytes.
extension [UInt8] {
    mutating func append(number: Int64) {
        for shift in stride(from: 56, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    mutating func append(length: Int) {
        for shift in stride(from: 24, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: length >> shift)) }
    }

    mutating func append(text: String) {
        append(length: text.utf8.count)
        append(contentsOf: text.utf8)
    }

    mutating func append(counted bytes: [UInt8]) {
        append(length: bytes.count)
        append(contentsOf: bytes)
    }
}

/// Reads the same; anything that does not fit is nil, and the reader is of no use after it.
struct BinaryReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func number() -> Int64? { take(8)?.reduce(0) { $0 << 8 | Int64($1) } }

    mutating func length() -> Int? { take(4)?.reduce(0) { $0 << 8 | Int($1) } }

    mutating func bytes() -> [UInt8]? { length().flatMap { take($0) }.map(Array.init) }

    mutating func text() -> String? {
        length().flatMap { take($0) }.flatMap { String(validating: $0, as: UTF8.self) }
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
