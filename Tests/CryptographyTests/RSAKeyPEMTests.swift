import Testing

@testable import Cryptography

@Suite struct RSAKeyPEMTests {
    private let message = Array("what is signed".utf8)

    @Test func aPrivateKeyComesBackFromItsText() throws {
        let key = try TestKeys.ours
        let text = try key.privatePEM()
        #expect(text.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        let copy = try RSAKey(privatePEM: text)
        #expect(copy.isPrivate)
        #expect(copy.thumbprint == key.thumbprint)
        #expect(key.verifyRS256(try copy.signRS256(message), over: message))
    }

    @Test func aPublicKeyComesBackFromItsText() throws {
        let key = try TestKeys.ours
        let text = try key.publicPEM()
        #expect(text.hasPrefix("-----BEGIN PUBLIC KEY-----\n"))
        #expect(try RSAKey(publicPEM: text).thumbprint == key.thumbprint)
    }

    @Test func aPrivateKeyIsNotReadAsAPublicOneNorTheReverse() throws {
        let key = try TestKeys.ours
        #expect(throws: CryptographyError.self) { try RSAKey(publicPEM: key.privatePEM()) }
        #expect(throws: CryptographyError.self) { try RSAKey(privatePEM: key.publicPEM()) }
    }

    @Test(arguments: ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
    func textsWithoutAKeyAreRefused(text: String) {
        #expect(throws: CryptographyError.self) { try RSAKey(privatePEM: text) }
        #expect(throws: CryptographyError.self) { try RSAKey(publicPEM: text) }
    }

    @Test func aTextCutShortIsRefused() throws {
        let text = try TestKeys.ours.privatePEM()
        #expect(throws: CryptographyError.self) { try RSAKey(privatePEM: String(text.dropLast(200))) }
    }

    @Test func anEndlessTextIsRefusedUnread() {
        let text = String(repeating: "A", count: RSAKey.largestPEMByteCount + 1)
        let fault = CryptographyError.keyTextTooLong(limit: RSAKey.largestPEMByteCount)
        #expect(throws: fault) { try RSAKey(privatePEM: text) }
        #expect(throws: fault) { try RSAKey(publicPEM: text) }
    }

    @Test func keysOfAnotherKindAreRefused() throws {
        let text = try TestKeys.privatePEM(kind: "ED25519")
        #expect(throws: CryptographyError.wrongKeyKind(expected: "RSA")) { try RSAKey(privatePEM: text) }
    }

    @Test func anEncryptedKeyIsRefusedWithoutAskingTheTerminal() throws {
        let text = try TestKeys.privatePEM(kind: "ED25519", passphrase: "open sesame")
        #expect(text.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
        do {
            _ = try RSAKey(privatePEM: text)
            Issue.record("An encrypted key was read.")
        } catch .openSSL(let operation, _) {
            #expect(operation == "read the private key")
        } catch {
            Issue.record(error)
        }
    }

    /// Bytes of the PKCS#8 text: 300 and more are the private exponent, 100 is in the modulus.
    @Test(arguments: [100, 400])
    func aKeyWhoseHalvesDoNotBelongTogetherIsRefused(offset: Int) throws {
        let lines = try TestKeys.ours.privatePEM().split(separator: "\n")
        var bytes = try #require(Base64.decode(lines.dropFirst().dropLast().joined()))
        bytes[offset] ^= 1
        let text = "\(lines[0])\n\(Base64.encode(bytes))\n\(lines[lines.count - 1])\n"
        do {
            _ = try RSAKey(privatePEM: text)
            Issue.record("A damaged key was read.")
        } catch .openSSL(let operation, _) {
            #expect(operation == "find the halves of the RSA key belong together")
        } catch {
            Issue.record(error)
        }
    }
}
