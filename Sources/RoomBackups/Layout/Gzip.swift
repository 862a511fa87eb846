import CZlib

/// Gzip (RFC 1952) of bytes at hand.
package enum Gzip {
    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        precondition(bytes.count <= largest, "backups are written in pieces")
        let bound = czlib_gzip_bound(bytes.count)
        let packed = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            count = bytes.withUnsafeBufferPointer { input in
                czlib_gzip(input.baseAddress, input.count, output.baseAddress, bound)
            }
        }
        precondition(!packed.isEmpty, "compressing memory at hand fails only when memory is exhausted")
        return packed
    }

    /// The largest text that is packed or unpacked.
    package static let largest = 1 << 30

    /// Nil when it is cut off, altered, or would be larger than the limit.
    package static func expand(_ bytes: [UInt8], limit: Int = largest) -> [UInt8]? {
        guard bytes.count >= 18 else { return nil }
        // The last four bytes are the size (section 2.3.1); deflate packs at best about a thousand to one.
        let size = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard size <= min(limit, largest), size <= bytes.count * 1_040 + 64 else { return nil }
        var isWhole = false
        let text = [UInt8](unsafeUninitializedCapacity: size) { output, count in
            isWhole = bytes.withUnsafeBufferPointer { input in
                czlib_gunzip(input.baseAddress, input.count, output.baseAddress, size) == 1
            }
            count = isWhole ? size : 0
        }
        return isWhole ? text : nil
    }
}
