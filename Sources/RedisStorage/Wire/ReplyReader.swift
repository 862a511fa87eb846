import CHiredis

/// Bytes in, replies out: the protocol reader of hiredis.
final class ReplyReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private var unread = 0
    /// What one reply may take before the connection is given up.
    private let limit: Int

    /// Nil when memory is short.
    init?(limit: Int) {
        guard let made = redisReaderCreate() else { return nil }
        reader = made
        self.limit = limit
    }

    deinit { redisReaderFree(reader) }

    func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisFault) {
        unread += bytes.count
        guard unread <= limit else { throw .misspoken("a reply of more than \(limit) bytes") }
        guard redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK
        else { throw .misspoken("unreadable bytes") }
    }

    /// The next whole reply, if it is there.
    func next() throws(RedisFault) -> RedisValue? {
        var pointer: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &pointer) == REDIS_OK else { throw .misspoken("unreadable bytes") }
        guard let pointer else { return nil }
        defer { freeReplyObject(pointer) }
        unread = reader.pointee.len - reader.pointee.pos
        return Self.value(pointer.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private static func value(_ reply: redisReply) -> RedisValue {
        switch reply.type {
        case REDIS_REPLY_INTEGER: .integer(Int(clamping: reply.integer))
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: .bytes(bytes(of: reply))
        case REDIS_REPLY_ERROR: .error(String(decoding: bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            .array(
                (0..<Int(clamping: reply.elements)).map { index in
                    reply.element?[index].map { value($0.pointee) } ?? .null
                })
        default: .null
        }
    }

    private static func bytes(of reply: redisReply) -> [UInt8] {
        guard let start = reply.str else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(clamping: reply.len)))
    }
}
