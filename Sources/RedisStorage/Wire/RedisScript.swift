import COpenSSL

/// A Lua script, known to the server by the SHA-1 of its text.
struct RedisScript: Sendable {
    let source: String
    let digest: String

    init(_ source: String) {
        self.source = source
        digest = Self.hexDigest(Array(source.utf8))
    }

    private static func hexDigest(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        // Should it fail, the server knows no script of the empty name and says so.
        guard EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha1(), nil) == 1 else { return "" }
        return digest.prefix(Int(count)).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
