/// The one exchange of HTTP that opens a WebSocket (RFC 6455 §4), judged from header fields alone.
///
/// Both ends take the fields as a lookup, `field(name)`: the values of all lines of that name, compared without case,
/// in order. Limits on the size of a head, and the rules for `Host`, are the HTTP codec's.
package enum WebSocketHandshake {
    /// The only version there is (RFC 6455 §4.1).
    package static let version = "13"

    /// The `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key` (RFC 6455 §4.2.2).
    package static func acceptValue(forKey key: String) -> String {
        Base64.encode(SHA1Digest.digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
    }

    /// A fresh `Sec-WebSocket-Key`: 16 bytes of `generator` in base 64.
    package static func makeKey(using generator: inout some RandomNumberGenerator) -> String {
        let words: (UInt64, UInt64) = (generator.next(), generator.next())
        return Base64.encode(withUnsafeBytes(of: words) { Array($0) })
    }
}
