/// A reply of the second version of the protocol, RESP2.
///
/// `HELLO 3` is not sent: the reader of hiredis 0.14 knows none of RESP3's types, and nothing here needs them.
enum RedisReply: Sendable, Equatable {
    case status(String)
    case error(String)
    case integer(Int)
    case bytes([UInt8])
    case null
    case array([RedisReply])

    var bytesValue: [UInt8]? {
        if case .bytes(let bytes) = self { return bytes }
        return nil
    }

    /// A number that came as one or as text.
    var integerValue: Int? {
        switch self {
        case .integer(let number): number
        case .bytes(let bytes): Int(String(decoding: bytes, as: UTF8.self))
        default: nil
        }
    }

    var textValue: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
        default: nil
        }
    }

    var arrayValue: [RedisReply]? {
        if case .array(let items) = self { return items }
        return nil
    }

    /// The same, or the fault that it tells.
    func checked() throws(RedisFault) -> RedisReply {
        if case .error(let text) = self { throw RedisFault(reply: text) }
        return self
    }
}
