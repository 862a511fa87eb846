import Foundation
import Testing

@testable import Cryptography

/// What the `openssl` command writes we read, and the reverse.
@Suite(.enabled(if: OpenSSLCommand.isPresent)) struct OpenSSLCommandTests {
    private let message = Array("what is signed".utf8)

    @Test func theCommandReadsOurPrivateKeyAndWritesOurPublicOne() throws {
        let key = try TestKeys.ours
        let folder = try ScratchFolder()
        let file = try folder.write("key.pem", Array(key.privatePEM().utf8))
        #expect(try OpenSSLCommand.run("pkey", "-in", file, "-pubout") == key.publicPEM())
    }

    @Test func pkcs1KeysOfTheCommandAreRead() throws {
        let key = try TestKeys.ours
        let folder = try ScratchFolder()
        let file = try folder.write("key.pem", Array(key.privatePEM().utf8))
        let text = try OpenSSLCommand.run("pkey", "-in", file, "-traditional")
        #expect(text.hasPrefix("-----BEGIN RSA PRIVATE KEY-----\n"))
        let copy = try RSAKey(privatePEM: text)
        #expect(copy.isPrivate)
        #expect(copy.thumbprint == key.thumbprint)
    }

    @Test func theCommandVerifiesOurSignature() throws {
        let key = try TestKeys.ours
        let folder = try ScratchFolder()
        let output = try OpenSSLCommand.run(
            "dgst", "-sha256", "-verify", folder.write("public.pem", Array(key.publicPEM().utf8)),
            "-signature", folder.write("signature", key.signRS256(message)), folder.write("message", message))
        #expect(output == "Verified OK\n")
    }

    @Test func weVerifyASignatureOfTheCommand() throws {
        let key = try TestKeys.ours
        let folder = try ScratchFolder()
        let signatureFile = folder.path("signature")
        _ = try OpenSSLCommand.run(
            "dgst", "-sha256", "-sign", folder.write("key.pem", Array(key.privatePEM().utf8)), "-out", signatureFile,
            folder.write("message", message))
        let signature = try Data(contentsOf: URL(fileURLWithPath: signatureFile))
        #expect(key.verifyRS256(Array(signature), over: message))
    }
}

/// A folder that goes with the test.
final class ScratchFolder {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("cryptography-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }
}

enum OpenSSLCommand {
    private static let path = "/usr/bin/openssl"

    static var isPresent: Bool { FileManager.default.isExecutableFile(atPath: path) }

    static func run(_ arguments: String...) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: bytes, as: UTF8.self)
    }
}
