import COpenSSL

/// A memory BIO: what OpenSSL's PEM functions read from and write to.
struct MemoryBuffer: ~Copyable {
    let pointer: OpaquePointer

    /// An empty buffer to write to; nil when memory is short.
    init?() {
        guard let made = BIO_new(BIO_s_mem()) else { return nil }
        pointer = made
    }

    /// A view of `bytes`, which must outlive it; nil when memory is short.
    init?(viewing bytes: UnsafeRawBufferPointer) {
        guard let made = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { return nil }
        pointer = made
    }

    deinit { BIO_free_all(pointer) }

    func text() -> String {
        var start: UnsafeMutablePointer<CChar>?
        let count = shim_BIO_get_mem_data(pointer, &start)
        guard let start, count > 0 else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
