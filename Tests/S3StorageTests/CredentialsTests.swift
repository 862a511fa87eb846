import Glibc
import HTTPFetching
import RoomCore
import ScriptedServing

import Testing

@testable import S3Storage

@Suite struct CredentialsTests {
    private func source(_ environment: [String: String]) throws -> S3CredentialsSource {
        try S3CredentialsSource(environment: environment, region: "us-east-1")
    }

    private func keeper(_ source: S3CredentialsSource) -> CredentialsKeeper {
        CredentialsKeeper(source, fetcher: HTTPFetcher()) { TestServer.clock() }
    }

    private static func answer(id: String, expiry: Timestamp) -> ScriptedReply {
        .text(
            200,
            "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
                + "<AccessKeyId>\(id)</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
                + "<Expiration>\(expiry)</Expiration></Credentials></AssumeRoleWithWebIdentityResult>"
                + "</AssumeRoleWithWebIdentityResponse>")
    }

    @Test func explicitKeysComeFirstThenTheWebIdentityThenTheFile() async throws {
        var environment = [
            "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S", "AWS_SESSION_TOKEN": "T",
            "AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn", "HOME": "/h",
        ]
        guard case .fixed(let fixed) = try source(environment) else { throw Unexpected() }
        #expect(fixed.accessKeyID == "A" && fixed.sessionToken == "T")
        environment["AWS_SECRET_ACCESS_KEY"] = ""
        guard case .webIdentity(let identity) = try source(environment) else { throw Unexpected() }
        #expect(identity.endpoint.url == "https://sts.us-east-1.amazonaws.com")
        environment["AWS_ROLE_ARN"] = nil
        guard case .file("/h/.aws/credentials", "default") = try source(environment) else { throw Unexpected() }
        #expect(throws: S3SettingsFault.badCredentials) { _ = try source([:]) }
    }

    @Test func aProfileIsFoundInItsFile() async throws {
        let text = """
            # aws_access_key_id = no
            [default]
            aws_access_key_id=D
            aws_secret_access_key=DS
            [ lab ]
              AWS_ACCESS_KEY_ID = L
            aws_secret_access_key = a=b+/=
            aws_session_token = T
            """
        let lab = try #require(CredentialsFile.credentials(of: "lab", in: text))
        #expect(lab == S3Credentials(accessKeyID: "L", secretAccessKey: "a=b+/=", sessionToken: "T"))
        #expect(CredentialsFile.credentials(of: "default", in: text)?.accessKeyID == "D")
        #expect(CredentialsFile.credentials(of: "other", in: text) == nil)
    }

    @Test func aMissingFileIsNamed() async throws {
        let keeper = keeper(.file(path: "/nowhere/credentials", profile: "default"))
        let fault = await #expect(throws: CredentialsFault.self) { _ = try await keeper.credentials() }
        #expect("\(try #require(fault))".contains("/nowhere/credentials"))
    }

    @Test func aWebIdentityIsExchangedOnceByAllWhoWait() async throws {
        let token = try ScratchFile("the.token+/=\n")
        let expiry = TestServer.clock().advanced(bySeconds: 3_600)
        let sts = try ScriptedServer { _ in Self.answer(id: "WEB", expiry: expiry) }
        let keeper = keeper(
            try source([
                "AWS_WEB_IDENTITY_TOKEN_FILE": token.path, "AWS_ROLE_ARN": "arn:aws:iam::1:role/r",
                "AWS_ENDPOINT_URL_STS": sts.url,
            ]))
        try await withThrowingTaskGroup(of: S3Credentials.self) { group in
            for _ in 0..<10 { group.addTask { try await keeper.credentials() } }
            for try await found in group { #expect(found.accessKeyID == "WEB" && found.expiresAt == expiry) }
        }
        #expect(sts.requests.count == 1)
        let form = String(decoding: try #require(sts.requests.first).body, as: UTF8.self)
        #expect(form.contains("&WebIdentityToken=the.token%2B%2F%3D"))
        #expect(form.contains("&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&"))
    }

    @Test func credentialsAreRenewedBeforeTheyExpireWithTheTokenOfThatTime() async throws {
        let token = try ScratchFile("first")
        let sts = try ScriptedServer { request in
            // From the third time on it is in trouble.
            guard request.number < 3 else { return .text(503, "") }
            let soon = TestServer.clock().advanced(bySeconds: CredentialsKeeper.margin - 10)
            return Self.answer(id: "WEB\(request.number)", expiry: soon)
        }
        let keeper = keeper(
            .webIdentity(
                WebIdentity(tokenFile: token.path, role: "r", session: "s", endpoint: try S3Endpoint(sts.url))))
        #expect(try await keeper.credentials().accessKeyID == "WEB1")
        try token.write("second")
        #expect(try await keeper.credentials().accessKeyID == "WEB2")
        #expect(String(decoding: try #require(sts.requests.last).body, as: UTF8.self).hasSuffix("=second"))
        // What is there is good to its end.
        #expect(try await keeper.credentials().accessKeyID == "WEB2")
        #expect(sts.requests.count == 3)
    }

    @Test func stsThatRefusesIsNamedWithoutTheToken() async throws {
        let token = try ScratchFile("t0ken")
        let sts = try ScriptedServer { _ in
            .text(
                403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>t0ken</Message></Error></ErrorResponse>")
        }
        let keeper = keeper(
            .webIdentity(
                WebIdentity(tokenFile: token.path, role: "r", session: "s", endpoint: try S3Endpoint(sts.url))))
        let fault = await #expect(throws: CredentialsFault.self) { _ = try await keeper.credentials() }
        #expect(fault == .refusedBySTS(host: "127.0.0.1", status: 403, code: "AccessDenied"))
    }

    @Test func expiredCredentialsAreLookedUpAnew() async throws {
        let file = try ScratchFile("[default]\naws_access_key_id=OLD\naws_secret_access_key=s\n")
        let server = try ScriptedServer { request in
            guard (request.headers["authorization"] ?? "").contains("Credential=NEW/") else {
                try? file.write("[default]\naws_access_key_id=NEW\naws_secret_access_key=s\n")
                return .text(400, "<Error><Code>ExpiredToken</Code></Error>")
            }
            return ScriptedReply(200, headers: ["ETag: \"t\""], body: [1])
        }
        let settings = try S3Settings(
            bucket: "bucket", endpoint: try S3Endpoint(server.url),
            credentials: .file(path: file.path, profile: "default"))
        let blobs = S3Blobs(settings, S3Surroundings(clock: TestServer.clock))
        #expect(try await blobs.load(try key("k")) == [1])
        #expect(server.requests.count == 2)
    }

    @Test func credentialsTellNothingOfThemselves() throws {
        let credentials = try #require(
            S3Credentials(accessKeyID: "visible-id", secretAccessKey: "s3cr3t", sessionToken: "t0ken"))
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in [
            "\(credentials)", String(reflecting: credentials), dumped, "\(S3CredentialsSource.fixed(credentials))",
        ] {
            #expect(!text.contains("s3cr3t") && !text.contains("t0ken"))
        }
        #expect(S3Credentials(accessKeyID: "a\r\nb", secretAccessKey: "x") == nil)
        #expect(S3Credentials(accessKeyID: "a", secretAccessKey: "") == nil)
    }

    @Test(.enabled(if: TestServer.conditional != nil))
    func aWebIdentityIsExchangedAtARealSTS() async throws {
        let token = try ScratchFile("any.web.token")
        let keeper = keeper(
            try source([
                "AWS_WEB_IDENTITY_TOKEN_FILE": token.path,
                "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/rooms",
                "AWS_ENDPOINT_URL_STS": try #require(TestServer.conditional),
            ]))
        let found = try await keeper.credentials()
        #expect(try #require(found.expiresAt) > TestServer.clock())
        #expect(found.sessionToken != nil)
    }
}

private struct Unexpected: Error {}

/// A file that goes with its test.
final class ScratchFile: Sendable {
    let path: String

    init(_ text: String) throws {
        path = "/tmp/s3-test-\(UInt64.random(in: .min ... .max))"
        try write(text)
    }

    deinit { unlink(path) }

    func write(_ text: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw Unexpected() }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Unexpected() }
    }
}
