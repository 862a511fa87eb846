import COpenSSL

/// SHA-256 of bytes that arrive in pieces; one owner, finished once.
package struct SHA256Stream: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("Memory is exhausted.") }
        let ready = SHA256.algorithm.with { EVP_DigestInit_ex2(context, $0, nil) }
        precondition(ready == 1, "A fresh digest context takes any fetched digest.")
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let done = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(done == 1, "An unfinished digest takes any bytes.")
    }

    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    package consuming func digest() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { output, count in
            let done = EVP_DigestFinal_ex(context, output.baseAddress, nil)
            precondition(done == 1, "An unfinished digest can be finished.")
            count = SHA256.byteCount
        }
    }

    package consuming func hex() -> String {
        Hexadecimal.encode(digest())
    }
}
