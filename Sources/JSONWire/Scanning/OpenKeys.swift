/// The keys of all objects now open, so that a second key of one name is seen at any level.
///
///     {"a":1,"b":{"c":2,▲            slots:  a b │ c        a scope begins at │ and ends with its object
///
/// One stack serves the whole walk, on the caller's memory at first, so the usual message allocates nothing.
/// A key is compared by its mark, one word, and byte by byte only where marks agree. An object with more keys than
/// `crowd`, or with an escape in one, moves to a hashed set, seeded per process: a key is decoded once, and a hostile
/// object costs no more per key than an honest one.
struct OpenKeys: ~Copyable {
    struct Slot {
        let mark: UInt64
        let key: JSONSpan
    }

    /// One open object's part of the stack.
    struct Scope {
        fileprivate let base: Int
        fileprivate var crowded: Set<CrowdedKey>?
    }

    /// Up to here comparing words one after another is quicker than hashing.
    static let crowd = 24

    private var slots: UnsafeMutablePointer<Slot>
    private var capacity: Int
    private var count = 0
    private var ownsSlots = false

    /// `memory` must outlive the value.
    init(on memory: UnsafeMutableBufferPointer<Slot>) {
        guard let slots = memory.baseAddress else { preconditionFailure("open keys need memory to begin on") }
        self.slots = slots
        self.capacity = memory.count
    }

    deinit {
        if ownsSlots { slots.deallocate() }
    }

    @inline(__always)
    func openScope() -> Scope { Scope(base: count, crowded: nil) }

    @inline(__always)
    mutating func close(_ scope: borrowing Scope) { count = scope.base }

    /// Adds a key to the innermost open object, or throws when that object has it already.
    @inline(__always)
    mutating func insert(_ key: JSONSpan, into scope: inout Scope, of text: JSONText) throws(JSONFault) {
        if key.escaped || scope.crowded != nil || count &- scope.base == Self.crowd {
            return try insertCrowded(key, into: &scope, of: text)
        }
        let mark = text.mark(of: key)
        var other = scope.base
        while other < count {
            if slots[other].mark == mark, text.sameBytes(slots[other].key, key) { throw text.duplicate(key) }
            other &+= 1
        }
        if count == capacity { grow() }
        (slots + count).initialize(to: Slot(mark: mark, key: key))
        count &+= 1
    }

    @inline(never)
    private mutating func insertCrowded(
        _ key: JSONSpan, into scope: inout Scope, of text: JSONText
    ) throws(JSONFault) {
        if scope.crowded == nil {
            scope.crowded = Set((scope.base..<count).map { CrowdedKey(slots[$0].key, of: text) })
        }
        guard scope.crowded?.insert(CrowdedKey(key, of: text)).inserted == true else { throw text.duplicate(key) }
    }

    @inline(never)
    private mutating func grow() {
        let wider = UnsafeMutablePointer<Slot>.allocate(capacity: capacity * 2)
        wider.moveInitialize(from: slots, count: count)
        if ownsSlots { slots.deallocate() }
        slots = wider
        capacity *= 2
        ownsSlots = true
    }
}

/// A key in a hashed set: its bytes in the text, or its decoded bytes when it holds escapes.
struct CrowdedKey: Hashable {
    private let raw: UnsafeRawBufferPointer
    private let decoded: [UInt8]?

    init(_ key: JSONSpan, of text: JSONText) {
        raw = text.bytes(key.range)
        decoded = key.escaped ? text.decodedBytes(key) : nil
    }

    static func == (left: CrowdedKey, right: CrowdedKey) -> Bool {
        left.withName { name in right.withName { name.hasSameBytes(as: $0) } }
    }

    func hash(into hasher: inout Hasher) {
        withName { hasher.combine(bytes: $0) }
    }

    private func withName<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        decoded?.withUnsafeBytes(body) ?? body(raw)
    }
}
