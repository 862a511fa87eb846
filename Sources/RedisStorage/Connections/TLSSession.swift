import COpenSSL

/// One TLS connection as a filter between plain and sealed bytes: OpenSSL over two memory buffers.
final class TLSSession {
    private let context: OpaquePointer
    private let connection: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    private let endpoint: RedisEndpoint
    private(set) var isOpen = false

    /// - Parameter name: what the certificate must be for, a host name or an IP address.
    init(endpoint: RedisEndpoint, name: String, caFile: String?) throws(RedisFault) {
        self.endpoint = endpoint
        context = try Self.context(endpoint, caFile: caFile)
        guard let connection = SSL_new(context), let incoming = BIO_new(BIO_s_mem()),
            let outgoing = BIO_new(BIO_s_mem())
        else {
            SSL_CTX_free(context)
            throw .insecure(endpoint, reason: "out of memory")
        }
        (self.connection, self.incoming, self.outgoing) = (connection, incoming, outgoing)
        SSL_set_bio(connection, incoming, outgoing)
        SSL_set_connect_state(connection)
        // An address is not sent as a name (RFC 6066 section 3), and is looked for among the certificate's addresses.
        if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), name) != 1 {
            guard SSL_set1_host(connection, name) == 1, shim_SSL_set_tlsext_host_name(connection, name) == 1 else {
                throw .insecure(endpoint, reason: "the server name cannot be used")
            }
        }
    }

    deinit {
        SSL_free(connection)
        SSL_CTX_free(context)
    }

    private static func context(_ endpoint: RedisEndpoint, caFile: String?) throws(RedisFault) -> OpaquePointer {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw .insecure(endpoint, reason: "out of memory") }
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        _ = shim_SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)
        let isTrusting =
            caFile.map { SSL_CTX_load_verify_locations(context, $0, nil) } ?? SSL_CTX_set_default_verify_paths(context)
        guard isTrusting == 1 else {
            SSL_CTX_free(context)
            throw .insecure(endpoint, reason: "the CA file \(caFile ?? "of the system") cannot be read")
        }
        return context
    }

    /// Goes on with the handshake as far as the bytes so far allow.
    func shakeHands() throws(RedisFault) {
        ERR_clear_error()
        let result = SSL_do_handshake(connection)
        if result == 1 {
            isOpen = true
        } else {
            try check(result)
        }
    }

    func receive(_ sealed: UnsafeRawBufferPointer) { _ = BIO_write(incoming, sealed.baseAddress, Int32(sealed.count)) }

    /// Opens what was received, into `buffer`; nil when more must be received first.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(RedisFault) -> Int? {
        ERR_clear_error()
        let count = SSL_read(connection, buffer.baseAddress, Int32(clamping: buffer.count))
        if count > 0 { return Int(count) }
        try check(count)
        return nil
    }

    func seal(_ plain: UnsafeRawBufferPointer) throws(RedisFault) {
        ERR_clear_error()
        var rest = plain
        while !rest.isEmpty {
            let part = min(rest.count, 1 << 20)
            let count = SSL_write(connection, rest.baseAddress, Int32(part))
            guard count > 0 else { throw .insecure(endpoint, reason: reason()) }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(count)...])
        }
    }

    /// What waits to be sent.
    func takeSealed() -> [UInt8] {
        let count = Int(shim_BIO_pending(outgoing))
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = max(0, Int(BIO_read(outgoing, buffer.baseAddress, Int32(clamping: count))))
        }
    }

    private func check(_ result: Int32) throws(RedisFault) {
        switch SSL_get_error(connection, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return
        case SSL_ERROR_ZERO_RETURN: throw .hungUp(endpoint)
        default: throw .insecure(endpoint, reason: reason())
        }
    }

    private func reason() -> String {
        let verdict = SSL_get_verify_result(connection)
        if verdict != Int(X509_V_OK), let text = X509_verify_cert_error_string(verdict) { return String(cString: text) }
        let code = ERR_get_error()
        guard code != 0, let text = ERR_reason_error_string(code) else { return "the server ended the handshake" }
        return String(cString: text)
    }
}
