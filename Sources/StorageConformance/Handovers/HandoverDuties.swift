import RoomStorage
import Testing

/// A hand-over store and a way to let time pass.
package struct HandoversUnderTest: Sendable {
    let store: any HandoverStore
    let pass: @Sendable (Duration) async throws -> Void

    package init(_ store: any HandoverStore, pass: @escaping @Sendable (Duration) async throws -> Void) {
        self.store = store
        self.pass = pass
    }

    func newKey() -> HandoverKey { HandoverKey(kind: "duty:{x}", name: "é \(uniqueHex()):}") }
}

/// The duties of ``HandoverStore``.
package enum HandoverDuties {
    package static let all: [Duty<HandoversUnderTest>] = values + buffers

    static let values: [Duty<HandoversUnderTest>] = [
        Duty("a value is loaded as it was put, and replaced by the next") { handovers in
            let (store, key) = (handovers.store, handovers.newKey())
            #expect(try await store.load(key) == nil)
            for bytes in [[0, 13, 10, 255], [], [UInt8](repeating: 9, count: 100_000)] {
                try await store.put(bytes, at: key, for: .seconds(60))
                #expect(try await store.load(key) == bytes)
            }
            #expect(try await store.load(HandoverKey(kind: key.kind, name: key.name + "x")) == nil)
            #expect(try await store.load(HandoverKey(kind: key.kind + ":", name: key.name)) == nil)
        },
        Duty("a value is put once where nothing may be") { handovers in
            let (store, key) = (handovers.store, handovers.newKey())
            let wins = try await sideBySide(8) { try await store.putIfAbsent([UInt8($0)], at: key, for: .seconds(60)) }
            #expect(wins.count { $0 } == 1)
            _ = try await store.take(key)
            #expect(try await store.putIfAbsent([1], at: key, for: .seconds(60)))
        },
        Duty("of several who take a value, one gets it") { handovers in
            let (store, key) = (handovers.store, handovers.newKey())
            try await store.put([7], at: key, for: .seconds(60))
            let taken = try await sideBySide(8) { _ in try await store.take(key) }
            #expect(taken.compactMap(\.self) == [[7]])
            #expect(try await store.load(key) == nil)
        },
        Duty("a value ends with its term") { handovers in
            let (store, key, other) = (handovers.store, handovers.newKey(), handovers.newKey())
            try await store.put([1], at: key, for: .milliseconds(300))
            try await store.put([1], at: other, for: .milliseconds(300))
            try await handovers.pass(.milliseconds(600))
            #expect(try await store.load(key) == nil)
            #expect(try await store.take(other) == nil)
            #expect(try await store.putIfAbsent([2], at: key, for: .seconds(60)))
        },
    ]

    static let buffers: [Duty<HandoversUnderTest>] = [
        Duty("items are numbered from 1 and read after a number") { handovers in
            let (store, key) = (handovers.store, handovers.newKey())
            let none = try await store.items(of: key, after: 0, limit: 10)
            #expect(none == [])
            for number in 1...5 {
                let item = [UInt8(number), 0, 13, 10]
                #expect(try await store.append(item, to: key, limit: 10, for: .seconds(60)) == number)
            }
            let all = (1...5).map { HandoverItem(number: $0, bytes: [UInt8($0), 0, 13, 10]) }
            #expect(try await store.items(of: key, after: 0, limit: 10) == all)
            #expect(try await store.items(of: key, after: 2, limit: 2) == Array(all[2...3]))
            #expect(try await store.items(of: key, after: 5, limit: 2) == [])
            #expect(try await store.items(of: key, after: 0, limit: 0) == [])
            #expect(try await store.load(key) == nil)
        },
        Duty("the oldest items go first") { handovers in
            let (store, key) = (handovers.store, handovers.newKey())
            for number in 1...7 { _ = try await store.append([UInt8(number)], to: key, limit: 3, for: .seconds(60)) }
            #expect(try await store.items(of: key, after: 0, limit: 10).map(\.number) == [5, 6, 7])
        },
        Duty("items from several hands get one number each") { handovers in
            let (store, key) = (handovers.store, handovers.newKey())
            let numbers = try await sideBySide(20) { number in
                try await store.append([UInt8(number)], to: key, limit: 50, for: .seconds(60))
            }
            #expect(numbers.sorted() == Array(1...20))
            #expect(Set(try await store.items(of: key, after: 0, limit: 50).map(\.bytes)).count == 20)
        },
        Duty("each item gives the whole buffer a new term") { handovers in
            let (store, key) = (handovers.store, handovers.newKey())
            _ = try await store.append([1], to: key, limit: 9, for: .seconds(60))
            _ = try await store.append([2], to: key, limit: 9, for: .milliseconds(200))
            try await handovers.pass(.milliseconds(400))
            #expect(try await store.items(of: key, after: 0, limit: 9) == [])
            #expect(try await store.append([3], to: key, limit: 9, for: .seconds(60)) == 1)
        },
    ]
}
