import CHiredis

/// Cuts the stream of bytes into replies.
final class ReplyReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private let limit: Int
    /// Bytes since the last whole reply.
    private var waiting = 0

    /// - Parameter limit: bytes of one reply.
    init(limit: Int) throws(RedisFault) {
        guard let reader = redisReaderCreate() else { throw .unreadable("no memory for its replies") }
        self.reader = reader
        self.limit = limit
    }

    deinit { redisReaderFree(reader) }

    func feed(_ bytes: [UInt8]) throws(RedisFault) {
        waiting += bytes.count
        guard waiting <= limit else { throw .unreadable("a reply is larger than \(limit) bytes") }
        let status = bytes.withUnsafeBytes {
            redisReaderFeed(reader, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard status == REDIS_OK else { throw fault() }
    }

    /// The next whole reply.
    func next() throws(RedisFault) -> RedisReply? {
        var raw: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &raw) == REDIS_OK else { throw fault() }
        guard let raw else { return nil }
        defer { freeReplyObject(raw) }
        waiting = 0
        return Self.reply(raw.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private func fault() -> RedisFault {
        // A fixed array of characters that ends with a zero.
        let text = withUnsafeBytes(of: reader.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return .unreadable(text)
    }

    private static func reply(_ reply: redisReply) -> RedisReply {
        switch reply.type {
        case REDIS_REPLY_STATUS: .status(String(decoding: bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: .error(String(decoding: bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_INTEGER: .integer(Int(reply.integer))
        case REDIS_REPLY_STRING: .bytes(bytes(of: reply))
        case REDIS_REPLY_ARRAY:
            .array((0..<Int(reply.elements)).map { reply.element[$0].map { Self.reply($0.pointee) } ?? .null })
        default: .null
        }
    }

    private static func bytes(of reply: redisReply) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: reply.str, count: Int(reply.len)))
    }
}
