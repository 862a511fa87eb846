import CLibPQ
import RoomCore

/// The answer to one statement, in PostgreSQL's binary format; freed with its last reference.
///
/// It belongs to its connection's queue and never leaves it.
final class PostgresRows {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var count: Int { Int(PQntuples(pointer)) }

    /// Rows that were inserted, updated, deleted or selected.
    var affected: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    func map<Element, Failure>(
        _ read: (PostgresRow) throws(Failure) -> Element
    ) throws(Failure) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for index in 0..<PQntuples(pointer) { elements.append(try read(PostgresRow(pointer: pointer, index: index))) }
        return elements
    }

    func first<Element, Failure>(_ read: (PostgresRow) throws(Failure) -> Element) throws(Failure) -> Element? {
        count > 0 ? try read(PostgresRow(pointer: pointer, index: 0)) : nil
    }

    /// What the server objected to; nil when it did as it was told.
    var fault: ServerFault? {
        switch PQresultStatus(pointer) {
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_PIPELINE_ABORTED:
            ServerFault(code: field(UInt8(ascii: "C")), message: field(UInt8(ascii: "M")))
        default: nil
        }
    }

    /// A field of an error by its letter (PostgreSQL's documentation, 55.8: Error and Notice Message Fields).
    private func field(_ letter: UInt8) -> String {
        PQresultErrorField(pointer, Int32(letter)).map { String(cString: $0) } ?? ""
    }
}

/// One row; columns count from 0.
struct PostgresRow {
    fileprivate let pointer: OpaquePointer
    fileprivate let index: Int32

    func isNull(_ column: Int32) -> Bool { PQgetisnull(pointer, index, column) == 1 }

    private func raw(_ column: Int32) -> UnsafeRawBufferPointer {
        let count = Int(PQgetlength(pointer, index, column))
        return UnsafeRawBufferPointer(start: PQgetvalue(pointer, index, column), count: count)
    }

    func bytes(_ column: Int32) -> [UInt8] { [UInt8](raw(column)) }

    func text(_ column: Int32) -> String { String(decoding: raw(column), as: UTF8.self) }

    /// A `bigint`.
    func integer(_ column: Int32) -> Int { Int(truncatingIfNeeded: wide(column)) }

    func wide(_ column: Int32) -> Int64 { raw(column).reduce(Int64(0)) { $0 << 8 | Int64($1) } }

    func flag(_ column: Int32) -> Bool { raw(column).first == 1 }

    func revision(_ column: Int32) -> Revision { Revision(max(0, integer(column))) }

    func moment(_ column: Int32) -> Timestamp { Timestamp(microseconds: wide(column)) }

    func optionalMoment(_ column: Int32) -> Timestamp? { isNull(column) ? nil : moment(column) }

    /// A name that was checked before it was stored.
    func name<Name: ValidatedText>(_ column: Int32) -> Name { Name(trusted: text(column)) }

    func optionalName<Name: ValidatedText>(_ column: Int32) -> Name? { isNull(column) ? nil : name(column) }
}

extension PostgresRow {
    /// All columns, where the answer came in the text format.
    var texts: [String] { (0..<PQnfields(pointer)).map(text) }
}
