/// Base64url without padding (RFC 4648 section 5, RFC 7515 section 2); strict in decoding.
package enum Base64URL {
    package static func encode(_ bytes: UnsafeRawBufferPointer) -> String { Base64Alphabet.url.encode(bytes) }

    package static func encode(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { encode($0) } }

    package static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? { Base64Alphabet.url.decode(text) }

    package static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode(UnsafeRawBufferPointer($0)) }
    }
}
