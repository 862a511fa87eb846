import COpenSSL

/// HMAC with SHA-256 (RFC 2104, RFC 4231).
package enum HMACSHA256 {
    package static let byteCount = 32

    package static func authenticate(key: [UInt8], message: [UInt8]) -> [UInt8] {
        hmac(EVP_sha256(), byteCount: byteCount, key: key, message: message)
    }

    /// True when `tag` is the whole tag of `message`; takes the same time wherever they differ.
    package static func isValid(_ tag: [UInt8], key: [UInt8], message: [UInt8]) -> Bool {
        constantTimeEquals(tag, authenticate(key: key, message: message))
    }
}

/// HMAC with SHA-1, which TURN's time-limited credentials prescribe; for nothing else.
package enum HMACSHA1 {
    package static let byteCount = 20

    package static func authenticate(key: [UInt8], message: [UInt8]) -> [UInt8] {
        hmac(EVP_sha1(), byteCount: byteCount, key: key, message: message)
    }
}

private func hmac(_ algorithm: OpaquePointer?, byteCount: Int, key: [UInt8], message: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
        let done = HMAC(algorithm, key, Int32(key.count), message, message.count, output.baseAddress, nil)
        precondition(done != nil, "Hashing memory at hand fails only when memory is exhausted.")
        count = byteCount
    }
}
