import RoomCore
import RoomStorage

/// PostgreSQL's numbers for the types we send; see `pg_type.dat` in its sources.
enum PostgresType: UInt32 {
    case bytea = 17
    case int8 = 20
    case text = 25
    case byteaArray = 1001
    case textArray = 1009
    case int8Array = 1016

    var array: PostgresType {
        switch self {
        case .bytea, .byteaArray: .byteaArray
        case .int8, .int8Array: .int8Array
        case .text, .textArray: .textArray
        }
    }
}

/// A Swift value that can stand for a `$n` in a statement, in PostgreSQL's binary format.
protocol PostgresBindable {
    static var postgresType: PostgresType { get }
    /// Nil stands for NULL.
    var postgresBytes: [UInt8]? { get }
}

extension Int64: PostgresBindable {
    static var postgresType: PostgresType { .int8 }
    var postgresBytes: [UInt8]? { bigEndianBytes(self) }
}

extension Int: PostgresBindable {
    static var postgresType: PostgresType { .int8 }
    var postgresBytes: [UInt8]? { bigEndianBytes(Int64(self)) }
}

extension String: PostgresBindable {
    static var postgresType: PostgresType { .text }
    var postgresBytes: [UInt8]? { Array(utf8) }
}

extension [UInt8]: PostgresBindable {
    static var postgresType: PostgresType { .bytea }
    var postgresBytes: [UInt8]? { self }
}

extension Optional: PostgresBindable where Wrapped: PostgresBindable {
    static var postgresType: PostgresType { Wrapped.postgresType }
    // A key path to a requirement is looked up at run time, which costs more than the value.
    var postgresBytes: [UInt8]? { flatMap { $0.postgresBytes } }
}

/// Many values of one type, which a statement takes apart with `unnest`.
///
/// ```
/// dimensions 1 | has NULLs | element type | count | first index 1 | (length | bytes)…      each 4 bytes, big end first
/// ```
struct PostgresColumn<Element: PostgresBindable>: PostgresBindable {
    let values: [Element]

    init(_ values: [Element]) { self.values = values }

    static var postgresType: PostgresType { Element.postgresType.array }

    var postgresBytes: [UInt8]? {
        let items = values.map { $0.postgresBytes }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + items.reduce(0) { $0 + 4 + ($1?.count ?? 0) })
        bytes.append(bigEndian: Int32(items.isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(items.contains { $0 == nil } ? 1 : 0))
        bytes.append(bigEndian: Element.postgresType.rawValue)
        guard !items.isEmpty else { return bytes }
        bytes.append(bigEndian: Int32(clamping: items.count))
        bytes.append(bigEndian: Int32(1))
        for item in items {
            bytes.append(bigEndian: item.map { Int32(clamping: $0.count) } ?? -1)
            if let item { bytes += item }
        }
        return bytes
    }
}

private func bigEndianBytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}

// MARK: - What rooms are made of

extension PostgresBindable where Self: ValidatedText {
    static var postgresType: PostgresType { .text }
    var postgresBytes: [UInt8]? { Array(text.utf8) }
}

extension RoomID: PostgresBindable {}
extension Epoch: PostgresBindable {}
extension UserID: PostgresBindable {}
extension ModelID: PostgresBindable {}
extension Alias: PostgresBindable {}
extension Digest: PostgresBindable {}
extension WorkerName: PostgresBindable {}
extension PublicKeyID: PostgresBindable {}
extension Ed25519Key: PostgresBindable {}
extension GroupName: PostgresBindable {}

extension Revision: PostgresBindable {
    static var postgresType: PostgresType { .int8 }
    var postgresBytes: [UInt8]? { number.postgresBytes }
}

extension Timestamp: PostgresBindable {
    static var postgresType: PostgresType { .int8 }
    var postgresBytes: [UInt8]? { microseconds.postgresBytes }
}

extension MemberRole: PostgresBindable {
    static var postgresType: PostgresType { .text }
    var postgresBytes: [UInt8]? { rawValue.postgresBytes }
}
