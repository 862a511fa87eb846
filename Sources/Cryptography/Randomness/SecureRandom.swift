import COpenSSL

/// Unpredictable bytes from OpenSSL's generator.
package enum SecureRandom {
    package static let largestCount = 65_536

    package static func bytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
        precondition((0...largestCount).contains(count), "Random bytes are asked for in small amounts.")
        return try OpenSSL.attempt("make random bytes") {
            var isFilled = false
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { output, written in
                isFilled = RAND_bytes(output.baseAddress, Int32(count)) == 1
                written = isFilled ? count : 0
            }
            return isFilled ? bytes : nil
        }
    }

    /// A secret to hand out: `prefix`, then `bytes` random bytes in base64url (24 bytes are 32 characters).
    package static func token(prefix: String, bytes count: Int = 24) throws(CryptographyError) -> String {
        prefix + Base64URL.encode(try bytes(count))
    }

    /// Twice `count` lowercase hex digits.
    package static func hex(bytes count: Int) throws(CryptographyError) -> String {
        Hexadecimal.encode(try bytes(count))
    }

    package static func uint64() throws(CryptographyError) -> UInt64 {
        try bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
