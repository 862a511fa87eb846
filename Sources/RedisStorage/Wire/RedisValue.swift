/// One reply of the server, in RESP2: the reader of hiredis 0.14, the oldest we build with, reads no RESP3, and nothing
/// here needs it.
enum RedisValue: Equatable {
    case null
    case integer(Int)
    case bytes([UInt8])
    case error(String)
    case array([RedisValue])

    var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
    var array: [RedisValue]? { if case .array(let values) = self { values } else { nil } }

    var integer: Int? {
        switch self {
        case .integer(let number): number
        case .bytes(let bytes): Int(String(decoding: bytes, as: UTF8.self))
        case .null, .error, .array: nil
        }
    }

    var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    var error: String? { if case .error(let text) = self { text } else { nil } }
}
