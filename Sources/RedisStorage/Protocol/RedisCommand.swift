import CHiredis

/// One command: its words in one buffer.
struct RedisCommand: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// How many replies it will get: `SUBSCRIBE` answers each channel.
    var replies = 1

    init(_ words: String...) {
        for word in words { add(word) }
    }

    /// What it takes on the wire, about.
    var size: Int { bytes.count + ends.count * 12 }

    mutating func add(_ word: String) {
        bytes.append(contentsOf: word.utf8)
        ends.append(bytes.count)
    }

    mutating func add(_ word: [UInt8]) {
        bytes.append(contentsOf: word)
        ends.append(bytes.count)
    }

    mutating func add(_ number: Int) { add(String(number)) }

    /// Adds a word that `write` appends to the buffer.
    mutating func add(_ write: (inout [UInt8]) -> Void) {
        write(&bytes)
        ends.append(bytes.count)
    }

    /// False when there is no memory for it.
    func format(into output: inout [UInt8]) -> Bool {
        bytes.withUnsafeBytes { raw in
            var start = 0
            var words: [UnsafePointer<CChar>?] = []
            var lengths: [Int] = []
            for end in ends {
                // An empty word needs an address too.
                let word = raw.baseAddress.map { ($0 + start).assumingMemoryBound(to: CChar.self) }
                words.append(word)
                lengths.append(end - start)
                start = end
            }
            var formatted: UnsafeMutablePointer<CChar>?
            let count = redisFormatCommandArgv(&formatted, Int32(ends.count), &words, &lengths)
            guard count >= 0, let formatted else { return false }
            output.append(contentsOf: UnsafeRawBufferPointer(start: formatted, count: Int(count)))
            redisFreeCommand(formatted)
            return true
        }
    }
}
