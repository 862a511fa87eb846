/// The XOR that a client lays over every payload (RFC 6455 §5.3): it foils caches between the ends, it hides nothing.
package enum Masking {
    /// XORs `bytes` in place with `key`; `offset` says how far into the payload `bytes` begins.
    ///
    /// The same call masks and unmasks.
    package static func apply(_ key: UInt32, to bytes: UnsafeMutableRawBufferPointer, offset: Int = 0) {
        guard let base = bytes.baseAddress else { return }
        let key = rotated(key, by: offset)
        // As big-endian the key's bytes lie in memory as they travel, on any machine.
        let pattern = UInt64(key.bigEndian) << 32 | UInt64(key.bigEndian)
        let count = bytes.count
        var index = 0
        while index &+ 8 <= count {
            let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            base.storeBytes(of: word ^ pattern, toByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        while index < count {
            let keyByte = UInt8(truncatingIfNeeded: key >> (24 &- 8 &* UInt32(truncatingIfNeeded: index & 3)))
            base.storeBytes(of: bytes[index] ^ keyByte, toByteOffset: index, as: UInt8.self)
            index &+= 1
        }
    }

    /// The key as it stands `offset` bytes further into the payload.
    static func rotated(_ key: UInt32, by offset: Int) -> UInt32 {
        let bits = UInt32(truncatingIfNeeded: offset & 3) &* 8
        return key &<< bits | key &>> ((32 &- bits) & 31)
    }
}
