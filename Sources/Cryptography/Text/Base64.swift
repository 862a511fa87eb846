/// Base64 with padding (RFC 4648 section 4); strict in decoding.
package enum Base64 {
    package static func encode(_ bytes: UnsafeRawBufferPointer) -> String { Base64Alphabet.standard.encode(bytes) }

    package static func encode(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { encode($0) } }

    package static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? { Base64Alphabet.standard.decode(text) }

    package static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode(UnsafeRawBufferPointer($0)) }
    }
}
