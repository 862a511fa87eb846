import Glibc
import HTTPFetching
import ScriptedServing
import Testing

/// A TLS server with a certificate of its own making, by the `openssl` program.
@Suite struct TrustTests {
    @Test func onlyACertificateThatIsTrustedIsSpokenTo() async throws {
        let server = try await TLSServer(name: "localhost")
        let url = "https://localhost:\(server.port)/"
        await expectUntrusted(HTTPFetcher(), url)
        let answer = try await HTTPFetcher(FetchSettings(caFile: server.certificate)).fetch(FetchRequest(url: url))
        #expect(answer.status == 200)
    }

    @Test func aCertificateOfAnotherNameIsNotTrusted() async throws {
        let server = try await TLSServer(name: "elsewhere.test")
        let fetcher = HTTPFetcher(FetchSettings(caFile: server.certificate))
        await expectUntrusted(fetcher, "https://localhost:\(server.port)/")
    }

    @Test func aMissingCAFileIsNamedSo() async throws {
        let server = try await TLSServer(name: "localhost")
        let fetcher = HTTPFetcher(FetchSettings(caFile: "/nowhere/ca.pem"))
        await expectUntrusted(fetcher, "https://localhost:\(server.port)/")
    }

    private func expectUntrusted(_ fetcher: HTTPFetcher, _ url: String) async {
        do {
            _ = try await fetcher.fetch(FetchRequest(url: url))
            Issue.record("this server proved nothing")
        } catch {
            guard case .untrusted = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}

private final class TLSServer: Sendable {
    let port: UInt16
    let certificate: String
    private let directory: String
    private let process: pid_t

    init(name: String) async throws {
        directory = "/tmp/tls-test-\(UInt64.random(in: .min ... .max))"
        mkdir(directory, 0o700)
        certificate = "\(directory)/cert.pem"
        let key = "\(directory)/key.pem"
        port = UInt16.random(in: 20_000...29_999)
        let made = try Self.spawn([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", key, "-out", certificate,
        ])
        var status: Int32 = 0
        waitpid(made, &status, 0)
        try #require(status == 0)
        process = try Self.spawn([
            "s_server", "-quiet", "-www", "-accept", "127.0.0.1:\(port)", "-cert", certificate, "-key", key,
        ])
        try await waitUntilItListens()
    }

    deinit {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        for file in ["cert.pem", "key.pem"] { unlink("\(directory)/\(file)") }
        rmdir(directory)
    }

    private func waitUntilItListens() async throws {
        for _ in 0..<500 {
            if try await isListening() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("openssl s_server did not start")
    }

    private func isListening() async throws -> Bool {
        do {
            _ = try await HTTPFetcher().fetch(FetchRequest(url: "http://127.0.0.1:\(port)/"))
            return true
        } catch {
            if case .unreachable = error { return false }
            return true
        }
    }

    private static func spawn(_ arguments: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for descriptor: Int32 in [1, 2] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
        }
        var words: [UnsafeMutablePointer<CChar>?] = (["openssl"] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, "openssl", &actions, nil, &words, environ)
        try #require(code == 0)
        return process
    }
}
