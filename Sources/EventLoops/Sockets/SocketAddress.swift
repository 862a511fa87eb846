import Glibc

/// An IPv4 or IPv6 host and a port. An IPv4 address seen through an IPv6 socket (`::ffff:…`) is that IPv4 address.
package struct SocketAddress: Hashable, Sendable {
    enum Family: UInt8, Sendable {
        case v4
        case v6
    }

    let family: Family
    /// The address as numbers: IPv6 in both, IPv4 in the low 32 bits of `low`.
    let high: UInt64
    let low: UInt64
    let scope: UInt32
    package let port: UInt16

    static let storageLength = 28

    /// Reads a `sockaddr_in` or `sockaddr_in6`; nil for another family.
    /// ```
    /// in    family 2 | port 2 | address 4
    /// in6   family 2 | port 2 | flow 4 | address 16 | scope 4
    /// ```
    init?(_ raw: UnsafeRawBufferPointer) {
        guard raw.count >= 8 else { return nil }
        port = UInt16(bigEndian: raw.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        switch Int32(raw.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET:
            (family, high, scope) = (.v4, 0, 0)
            low = UInt64(UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        case AF_INET6 where raw.count >= Self.storageLength:
            let first = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            let last = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
            let isMapped = first == 0 && last >> 32 == 0xFFFF
            family = isMapped ? .v4 : .v6
            high = first
            low = isMapped ? last & 0xFFFF_FFFF : last
            scope = isMapped ? 0 : raw.loadUnaligned(fromByteOffset: 24, as: UInt32.self)
        default: return nil
        }
    }

    var domain: Int32 { family == .v4 ? AF_INET : AF_INET6 }

    /// The errno of `call` (0 if none), which is given the address as the kernel reads it.
    func withKernelAddress(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafeTemporaryAllocation(byteCount: Self.storageLength, alignment: 8) { raw in
            raw.initializeMemory(as: UInt8.self, repeating: 0)
            raw.storeBytes(of: sa_family_t(domain), as: sa_family_t.self)
            raw.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
            if family == .v4 {
                raw.storeBytes(of: UInt32(truncatingIfNeeded: low).bigEndian, toByteOffset: 4, as: UInt32.self)
            } else {
                raw.storeBytes(of: high.bigEndian, toByteOffset: 8, as: UInt64.self)
                raw.storeBytes(of: low.bigEndian, toByteOffset: 16, as: UInt64.self)
                raw.storeBytes(of: scope, toByteOffset: 24, as: UInt32.self)
            }
            let length = socklen_t(family == .v4 ? 16 : Self.storageLength)
            guard let start = raw.baseAddress else { return EINVAL }
            return call(UnsafePointer(start.assumingMemoryBound(to: sockaddr.self)), length)
        }
    }

    /// The local address `descriptor` is bound to.
    static func bound(to descriptor: Int32) -> SocketAddress? {
        withUnsafeTemporaryAllocation(byteCount: storageLength, alignment: 8) { raw in
            var length = socklen_t(storageLength)
            let address = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            guard let address, getsockname(descriptor, address, &length) == 0 else { return nil }
            return SocketAddress(UnsafeRawBufferPointer(raw))
        }
    }
}
