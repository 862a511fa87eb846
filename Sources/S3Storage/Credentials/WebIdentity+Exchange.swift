import HTTPFetching
import RoomCore

extension WebIdentity {
    /// Exchanges the token, read anew each time, for credentials
    /// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html).
    func exchange(with fetcher: HTTPFetcher) async throws(CredentialsFault) -> S3Credentials {
        let token = try await SmallFile.read(tokenFile).filter { !$0.isWhitespace }
        let form = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
            ("RoleSessionName", session), ("WebIdentityToken", token),
        ]
        let body = form.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        let request = FetchRequest(
            method: .post, url: "\(endpoint.url)/",
            headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")], body: Array(body.utf8),
            responseLimit: 1 << 16)
        let response: FetchResponse
        do { response = try await fetcher.fetch(request) } catch { throw .unreached(error) }
        return try read(response)
    }

    private func read(_ response: FetchResponse) throws(CredentialsFault) -> S3Credentials {
        let document = try? XMLElement(response.body)
        guard response.isSuccess else {
            let code = S3Refusal.word(document?.first("Error")?.text(of: "Code") ?? "")
            throw .refusedBySTS(host: endpoint.host, status: response.status, code: code)
        }
        guard let found = document?.first("AssumeRoleWithWebIdentityResult")?.first("Credentials"),
            let expiry = found.text(of: "Expiration").flatMap({ Timestamp($0) }),
            let credentials = S3Credentials(
                accessKeyID: found.text(of: "AccessKeyId") ?? "",
                secretAccessKey: found.text(of: "SecretAccessKey") ?? "",
                sessionToken: found.text(of: "SessionToken"), expiresAt: expiry)
        else { throw .malformed(path: "the answer of STS at \(endpoint.host)") }
        return credentials
    }
}
