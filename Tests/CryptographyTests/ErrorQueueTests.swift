import COpenSSL
import Testing

@testable import Cryptography

/// The queue of errors is the thread's: what we leave there a TLS connection would take for its own failure.
@Suite struct ErrorQueueTests {
    /// Each of them makes OpenSSL report at least one error.
    private func failInEveryWay() throws {
        let key = try TestKeys.ours
        #expect(throws: CryptographyError.self) { try RSAKey(privatePEM: "nonsense") }
        #expect(throws: CryptographyError.self) { try RSAKey(publicPEM: "nonsense") }
        #expect(throws: CryptographyError.self) {
            try P256PublicKey(x: .init(repeating: 1, count: 32), y: .init(repeating: 1, count: 32))
        }
        #expect(!key.verifyRS256([UInt8](repeating: 0xFF, count: 256), over: []))
        #expect(!key.verifyRS256([UInt8](repeating: 0x01, count: 256), over: []))
        #expect(try !TestKeys.point.verifyES256([UInt8](repeating: 0xFF, count: 64), over: []))
    }

    @Test func failuresLeaveNoErrorBehind() throws {
        ERR_clear_error()
        try failInEveryWay()
        #expect(ERR_peek_error() == 0)
    }

    @Test func failuresLeaveTheErrorsOfOthersInPlace() throws {
        ERR_clear_error()
        defer { ERR_clear_error() }
        #expect(EVP_MD_fetch(nil, "no such digest", nil) == nil)
        let before = (ERR_peek_error(), ERR_peek_last_error())
        #expect(before.0 != 0)
        try failInEveryWay()
        #expect((ERR_peek_error(), ERR_peek_last_error()) == before)
    }

    @Test func aFailureNamesItsOperationAndReason() {
        do {
            _ = try RSAKey(privatePEM: "nonsense")
            Issue.record("Nonsense was read as a key.")
        } catch {
            #expect(error.description.hasPrefix("OpenSSL could not read the private key: "))
            #expect(!error.description.hasSuffix("no reason given"))
        }
    }
}
