import COpenSSL

/// The client's end of a TLS connection that knows no socket: bytes go in and come out.
///
/// The chain and the host's name are always verified. OpenSSL reads and writes memory BIOs (`BIO_s_mem(7)`).
final class TLSChannel {
    private let context: OpaquePointer
    private let connection: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    private(set) var isOpen = false

    /// - Parameter caFile: certificates in PEM to trust; nil for those of the system.
    init(host: String, caFile: String?) throws(RedisFault) {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw .tls("OpenSSL has no memory") }
        self.context = context
        guard let connection = Self.connection(in: context, host: host, caFile: caFile) else {
            SSL_CTX_free(context)
            throw .tls(caFile.map { "the CA file \($0) cannot be read" } ?? "OpenSSL could not be set up")
        }
        self.connection = connection
        guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            SSL_free(connection)
            SSL_CTX_free(context)
            throw .tls("OpenSSL has no memory")
        }
        (self.incoming, self.outgoing) = (incoming, outgoing)
        _ = shim_BIO_set_mem_eof_return(incoming, -1)
        SSL_set_bio(connection, incoming, outgoing)
        SSL_set_connect_state(connection)
    }

    deinit {
        SSL_free(connection)
        SSL_CTX_free(context)
    }

    private static func connection(in context: OpaquePointer, host: String, caFile: String?) -> OpaquePointer? {
        ERR_clear_error()
        _ = shim_SSL_CTX_set_min_proto_version(context, Int32(TLS1_2_VERSION))
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        let isTrusting =
            caFile.map { SSL_CTX_load_verify_locations(context, $0, nil) } ?? SSL_CTX_set_default_verify_paths(context)
        guard isTrusting == 1, let connection = SSL_new(context) else { return nil }
        // An address is matched against the certificate's addresses, a name against its names (RFC 6125); only a name
        // is told to the server (RFC 6066, section 3).
        if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host) != 1 {
            ERR_clear_error()
            guard SSL_set1_host(connection, host) == 1, shim_SSL_set_tlsext_host_name(connection, host) == 1 else {
                SSL_free(connection)
                return nil
            }
        }
        return connection
    }

    /// Takes what came from the socket; the plain bytes in it.
    func receive(_ bytes: [UInt8]) throws(RedisFault) -> [UInt8] {
        let count = bytes.withUnsafeBytes { BIO_write(incoming, $0.baseAddress, Int32($0.count)) }
        guard count == Int32(bytes.count) else {
            throw .tls("OpenSSL has no memory")
        }
        if !isOpen { try shakeHands() }
        return isOpen ? try decrypted() : []
    }

    /// The first call begins the handshake; it goes on as bytes come.
    func shakeHands() throws(RedisFault) {
        ERR_clear_error()
        let result = SSL_do_handshake(connection)
        if result == 1 { return isOpen = true }
        guard SSL_get_error(connection, result) == SSL_ERROR_WANT_READ else { throw fault() }
    }

    private func decrypted() throws(RedisFault) -> [UInt8] {
        var plain: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            ERR_clear_error()
            let count = SSL_read(connection, &chunk, Int32(chunk.count))
            guard count > 0 else {
                switch SSL_get_error(connection, count) {
                case SSL_ERROR_WANT_READ: return plain
                case SSL_ERROR_ZERO_RETURN: throw .lost("Redis closed it")
                default: throw fault()
                }
            }
            plain.append(contentsOf: chunk[..<Int(count)])
        }
    }

    /// Encrypts; what is to be sent comes from ``drain(into:)``.
    func send(_ plain: ArraySlice<UInt8>) throws(RedisFault) {
        var rest = plain
        while !rest.isEmpty {
            ERR_clear_error()
            let piece = rest.prefix(1 << 20)
            let count = piece.withUnsafeBytes { SSL_write(connection, $0.baseAddress, Int32($0.count)) }
            guard count > 0 else { throw fault() }
            rest = rest.dropFirst(Int(count))
        }
    }

    func drain(into output: inout [UInt8]) {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = BIO_read(outgoing, &chunk, Int32(chunk.count))
            guard count > 0 else { return }
            output.append(contentsOf: chunk[..<Int(count)])
        }
    }

    private func fault() -> RedisFault {
        let verdict = SSL_get_verify_result(connection)
        if verdict != Int(X509_V_OK) {
            let text = X509_verify_cert_error_string(verdict).map { String(cString: $0) } ?? "code \(verdict)"
            return .tls("the certificate is not accepted: \(text)")
        }
        let code = ERR_get_error()
        ERR_clear_error()
        return .tls(ERR_reason_error_string(code).map { String(cString: $0) } ?? "the handshake failed")
    }
}
