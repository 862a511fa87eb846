import JSONWire

/// What both readers say of one text: nil is "accepted".
struct Readings: Equatable {
    let scanner: JSONFault?
    let tree: JSONFault?

    init(_ bytes: [UInt8], maxDepth: Int = 64) {
        scanner = Self.fault { () throws(JSONFault) in try bytes.validate(maxDepth: maxDepth) }
        tree = Self.fault { () throws(JSONFault) in _ = try JSONValue.parse(bytes, maxDepth: maxDepth) }
    }

    init(both fault: JSONFault?) {
        scanner = fault
        tree = fault
    }

    static func fault(_ body: () throws(JSONFault) -> Void) -> JSONFault? {
        do throws(JSONFault) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}

extension [UInt8] {
    init(_ text: String) { self.init(text.utf8) }

    func validate(maxDepth: Int) throws(JSONFault) {
        try withUnsafeBufferPointer { (buffer) throws(JSONFault) in
            try JSONScanner.validate(UnsafeRawBufferPointer(buffer), maxDepth: maxDepth)
        }
    }

    /// The top-level members, each handed to `body` with the bytes it lies in.
    func scan<Result>(
        maxDepth: Int = 64, _ body: (JSONSpan, JSONSpan, UnsafeRawBufferPointer) -> Result
    ) throws(JSONFault) -> [Result] {
        try withUnsafeBufferPointer { (buffer) throws(JSONFault) in
            let bytes = UnsafeRawBufferPointer(buffer)
            var found: [Result] = []
            try JSONScanner.scanObject(bytes, maxDepth: maxDepth) { found.append(body($0, $1, bytes)) }
            return found
        }
    }
}

/// SplitMix64: the same values in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
