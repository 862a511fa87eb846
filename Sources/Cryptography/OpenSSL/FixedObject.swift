import COpenSSL

/// An OpenSSL object that nothing changes once it is made; freed with the last reference.
///
/// The one place where Sendable is vouched for by hand: an `EVP_PKEY` or `EVP_MD` is only read after its creation, each
/// operation brings a context of its own, and what OpenSSL caches inside (blinding, provider copies) it locks itself.
/// The pointer is seen only inside `with`.
final class FixedObject: @unchecked Sendable {
    private let pointer: OpaquePointer
    private let free: @Sendable (OpaquePointer) -> Void

    private init(_ pointer: OpaquePointer, free: @escaping @Sendable (OpaquePointer) -> Void) {
        self.pointer = pointer
        self.free = free
    }

    deinit { free(pointer) }

    /// Takes over a reference to an `EVP_PKEY`.
    static func key(_ pointer: OpaquePointer) -> FixedObject {
        FixedObject(pointer) { EVP_PKEY_free($0) }
    }

    /// Takes over a reference to an `EVP_MD`.
    static func digest(_ pointer: OpaquePointer) -> FixedObject {
        FixedObject(pointer) { EVP_MD_free($0) }
    }

    func with<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        withExtendedLifetime(self) { body(pointer) }
    }
}
