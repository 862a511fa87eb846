import RoomStorage
import Testing

/// A store of hand-overs, and a way to let time pass.
package struct HandoversUnderTest: Sendable {
    let store: any HandoverStore
    let pass: @Sendable (Duration) async throws -> Void

    package init(store: any HandoverStore, pass: @escaping @Sendable (Duration) async throws -> Void) {
        self.store = store
        self.pass = pass
    }
}

/// The duties of ``HandoverStore``.
package enum HandoverDuties {
    package static let all: [Duty<HandoversUnderTest>] = values + buffers

    static let values: [Duty<HandoversUnderTest>] = [
        Duty("a value is loaded as it was put, the last one put") { handovers in
            let (store, key) = (handovers.store, newKey())
            #expect(try await store.load(key) == nil)
            for bytes in [[], [0, 255], Array(repeating: 7, count: 100_000)] as [[UInt8]] {
                try await store.put(bytes, at: key, for: .seconds(30))
                #expect(try await store.load(key) == bytes)
            }
        },
        Duty("keys of other kinds and names are other keys") { handovers in
            let tag = uniqueHex()
            let keys = [("a:b", "c"), ("a", "b:c"), ("a:b:c", "c"), ("a", "b")].map { kind, name in
                HandoverKey(kind: "\(tag)\(kind)", name: name)
            }
            for (number, key) in keys.enumerated() {
                try await handovers.store.put([UInt8(number)], at: key, for: .seconds(30))
            }
            for (number, key) in keys.enumerated() {
                #expect(try await handovers.store.load(key) == [UInt8(number)])
            }
        },
        Duty("a value is gone after its term") { handovers in
            let (store, key) = (handovers.store, newKey())
            try await store.put([1], at: key, for: .milliseconds(300))
            try await handovers.pass(.milliseconds(400))
            #expect(try await store.load(key) == nil)
            #expect(try await store.take(key) == nil)
            #expect(try await store.putIfAbsent([2], at: key, for: .seconds(30)))
            #expect(try await store.load(key) == [2])
        },
        Duty("of several who take a value, one gets it") { handovers in
            let (store, key) = (handovers.store, newKey())
            try await store.put([1], at: key, for: .seconds(30))
            let taken = try await sideBySide(8) { _ in try await store.take(key) }
            #expect(taken.compactMap { $0 } == [[1]])
            #expect(try await store.load(key) == nil)
        },
        Duty("of several who put where nothing is, one does") { handovers in
            let (store, key) = (handovers.store, newKey())
            let answers = try await sideBySide(8) { number in
                (number, try await store.putIfAbsent([UInt8(number)], at: key, for: .seconds(30)))
            }
            let winners = answers.filter(\.1).map { [UInt8($0.0)] }
            #expect(winners.count == 1)
            #expect(try await store.load(key) == winners.first)
        },
    ]

    static let buffers: [Duty<HandoversUnderTest>] = [
        Duty("items are numbered from 1 and listed after a number, oldest first") { handovers in
            let (store, key) = (handovers.store, newKey())
            let before = try await store.items(of: key, after: 0, limit: 10)
            #expect(before == [])
            for number in 1...5 {
                #expect(try await store.append([UInt8(number)], to: key, limit: 10, for: .seconds(30)) == number)
            }
            #expect(try await store.items(of: key, after: 0, limit: 10) == items(1...5))
            #expect(try await store.items(of: key, after: 2, limit: 2) == items(3...4))
            #expect(try await store.items(of: key, after: 5, limit: 10) == [])
            #expect(try await store.items(of: key, after: 99, limit: 10) == [])
        },
        Duty("the oldest items of a full buffer go first, and numbers go on") { handovers in
            let (store, key) = (handovers.store, newKey())
            for number in 1...7 {
                let given = try await store.append([UInt8(number)], to: key, limit: 3, for: .seconds(30))
                #expect(given == number)
            }
            #expect(try await store.items(of: key, after: 0, limit: 10) == items(5...7))
            #expect(try await store.append([8], to: key, limit: 1, for: .seconds(30)) == 8)
            #expect(try await store.items(of: key, after: 0, limit: 10) == items(8...8))
        },
        Duty("an item gives the whole buffer a new term, after which it is gone") { handovers in
            let (store, key) = (handovers.store, newKey())
            _ = try await store.append([1], to: key, limit: 10, for: .seconds(1))
            try await handovers.pass(.milliseconds(600))
            _ = try await store.append([2], to: key, limit: 10, for: .seconds(1))
            try await handovers.pass(.milliseconds(600))
            #expect(try await store.items(of: key, after: 0, limit: 10) == items(1...2))
            try await handovers.pass(.milliseconds(600))
            #expect(try await store.items(of: key, after: 0, limit: 10) == [])
            #expect(try await store.append([9], to: key, limit: 10, for: .seconds(1)) == 1)
        },
        Duty("items appended side by side get numbers of their own") { handovers in
            let (store, key) = (handovers.store, newKey())
            let numbers = try await sideBySide(20) { number in
                try await store.append([UInt8(number)], to: key, limit: 100, for: .seconds(30))
            }
            #expect(numbers.sorted() == Array(1...20))
            #expect(try await store.items(of: key, after: 0, limit: 100).map(\.number) == Array(1...20))
        },
    ]

    private static func newKey() -> HandoverKey { HandoverKey(kind: "duty", name: uniqueHex()) }

    private static func items(_ numbers: ClosedRange<Int>) -> [HandoverItem] {
        numbers.map { HandoverItem(number: $0, bytes: [UInt8($0)]) }
    }
}
