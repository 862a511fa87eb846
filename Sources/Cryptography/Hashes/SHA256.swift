import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes at hand.
package enum SHA256 {
    package static let byteCount = 32

    /// Fetched once: OpenSSL 3 otherwise searches its providers on every use.
    static let algorithm: FixedObject = {
        guard let fetched = EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("Every OpenSSL provider set has SHA-256; this one is misconfigured.")
        }
        return .digest(fetched)
    }()

    package static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
            write(bytes, to: output.baseAddress)
            count = byteCount
        }
    }

    package static func digest(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { digest($0) }
    }

    /// 64 lowercase hex digits.
    package static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
        withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { output in
            write(bytes, to: output.assumingMemoryBound(to: UInt8.self).baseAddress)
            return Hexadecimal.encode(UnsafeRawBufferPointer(output))
        }
    }

    package static func hex(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { hex($0) }
    }

    /// Of the UTF-8 of `text`: how a secret is kept.
    package static func hex(_ text: String) -> String {
        var text = text
        return text.withUTF8 { hex(UnsafeRawBufferPointer($0)) }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to output: UnsafeMutablePointer<UInt8>?) {
        let done = algorithm.with { EVP_Digest(bytes.baseAddress, bytes.count, output, nil, $0, nil) }
        precondition(done == 1, "Hashing memory at hand fails only when memory is exhausted.")
    }
}
