/// One command as it goes over the wire, and where it belongs.
///
///     *3 ␍␊ $7 ␍␊ PUBLISH ␍␊ $2 ␍␊ ch ␍␊ $5 ␍␊ hello ␍␊
///
/// Written here and not by `redisFormatCommandArgv`: its words would have to be laid out as C pointers first, and a
/// frame on its way to another server shall be copied once.
struct RedisCommand: Sendable {
    private(set) var bytes: [UInt8]
    /// The key that says which node of a cluster it goes to; nil when any may do it.
    let key: String?
    /// When it succeeds, the server takes writes.
    var provesWriting = false
    private(set) var isScript = false

    init(_ words: String..., key: String? = nil) {
        self.init(words: words.map { Array($0.utf8) }, key: key)
    }

    init(words: [[UInt8]], key: String? = nil) {
        bytes = []
        bytes.reserveCapacity(words.reduce(16) { $0 + $1.count + 16 })
        self.key = key
        bytes.appendHeader("*", words.count)
        for word in words { bytes.appendWord(word) }
    }

    /// Publishes a payload that is written in place, of exactly `size` bytes.
    init(publishTo channel: String, key: String?, size: Int, write: (inout [UInt8]) -> Void) {
        bytes = []
        bytes.reserveCapacity(size + channel.utf8.count + 48)
        self.key = key
        bytes.append(contentsOf: "*3\r\n$7\r\nPUBLISH\r\n".utf8)
        bytes.appendWord(channel.utf8)
        bytes.appendHeader("$", size)
        let start = bytes.count
        write(&bytes)
        precondition(bytes.count - start == size, "a payload is as long as it says")
        bytes.append(contentsOf: "\r\n".utf8)
    }

    /// Runs a script by its digest; all keys live in one slot.
    init(_ script: RedisScript, keys: [String], arguments: [[UInt8]]) {
        bytes = []
        bytes.reserveCapacity(arguments.reduce(256) { $0 + $1.count + 16 })
        key = keys.first
        isScript = true
        bytes.appendHeader("*", 3 + keys.count + arguments.count)
        bytes.appendWord("EVALSHA".utf8)
        bytes.appendWord(script.digest.utf8)
        bytes.appendWord(String(keys.count).utf8)
        for key in keys { bytes.appendWord(key.utf8) }
        for argument in arguments { bytes.appendWord(argument) }
    }
}

extension [UInt8] {
    fileprivate mutating func appendHeader(_ sign: Unicode.Scalar, _ count: Int) {
        append(UInt8(ascii: sign))
        append(contentsOf: String(count).utf8)
        append(contentsOf: "\r\n".utf8)
    }

    fileprivate mutating func appendWord(_ word: some Collection<UInt8>) {
        appendHeader("$", word.count)
        append(contentsOf: word)
        append(contentsOf: "\r\n".utf8)
    }
}
