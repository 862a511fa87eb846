import RoomCore
import RoomStorage
import Testing

/// One promise of a port as a check that any store can be put through.
///
/// A check makes what it needs under names of its own, so checks may share a store and run side by side.
package struct Duty<Subject: Sendable>: Sendable, CustomTestStringConvertible {
    package let name: String
    package let check: @Sendable (Subject) async throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (Subject) async throws -> Void) {
        self.name = name
        self.check = check
    }

    package var testDescription: String { name }
}

/// Hex digits nobody else uses.
func uniqueHex() -> String { hex(UInt64.random(in: .min ... .max), digits: 16) }

func hex(_ number: UInt64, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}

/// Runs `count` tasks side by side and gives their answers in no order.
func sideBySide<Answer: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Answer
) async throws -> [Answer] {
    try await withThrowingTaskGroup(of: Answer.self) { group in
        for number in 0..<count { group.addTask { try await body(number) } }
        return try await group.reduce(into: []) { $0.append($1) }
    }
}

extension ManifestStore {
    /// The answer to one request.
    func receipt(for key: ReceiptKey, notBefore oldest: Timestamp) async throws(StoreError) -> Receipt? {
        try await receipts(for: [key], notBefore: oldest)[key]
    }
}
