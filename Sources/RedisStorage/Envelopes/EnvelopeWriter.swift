/// Writes the fields of an envelope: `"SR" version kind`, then each field as its length in four bytes and its bytes.
enum EnvelopeWriter {
    static func begin(_ kind: UInt8, in buffer: inout [UInt8]) {
        buffer.append(contentsOf: [UInt8(ascii: "S"), UInt8(ascii: "R"), Envelope.version, kind])
    }

    static func write(_ number: Int, in buffer: inout [UInt8]) {
        let bits = UInt64(bitPattern: Int64(number))
        for shift in stride(from: 56, through: 0, by: -8) { buffer.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }

    static func write(_ bytes: [UInt8], in buffer: inout [UInt8]) {
        writeCount(bytes.count, in: &buffer)
        buffer.append(contentsOf: bytes)
    }

    static func write(_ text: String, in buffer: inout [UInt8]) {
        writeCount(text.utf8.count, in: &buffer)
        buffer.append(contentsOf: text.utf8)
    }

    static func writeCount(_ count: Int, in buffer: inout [UInt8]) {
        let bits = UInt32(truncatingIfNeeded: count)
        for shift in stride(from: 24, through: 0, by: -8) { buffer.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }
}

/// Reads them; every field is nil when the bytes end before it does.
struct EnvelopeReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// The kind, if the envelope is one of this version.
    mutating func begin() -> UInt8? {
        guard bytes.count >= 4, bytes[0] == UInt8(ascii: "S"), bytes[1] == UInt8(ascii: "R"),
            bytes[2] == Envelope.version
        else { return nil }
        position = 4
        return bytes[3]
    }

    mutating func number() -> Int? {
        guard bytes.count - position >= 8 else { return nil }
        defer { position += 8 }
        let bits = bytes[position..<position + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(Int64(bitPattern: bits))
    }

    mutating func count() -> Int? {
        guard bytes.count - position >= 4 else { return nil }
        defer { position += 4 }
        return Int(bytes[position..<position + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }

    mutating func field() -> [UInt8]? {
        guard let count = count(), bytes.count - position >= count else { return nil }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func text() -> String? { field().flatMap { String(validating: $0, as: UTF8.self) } }
}
