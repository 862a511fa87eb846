import Cryptography
import HTTPFetching
import RoomCore

extension S3Client {
    private static let service = "s3"
    /// The longest an address may be good for: seven days.
    static let presignLimit: Int64 = 604_800

    func signed(_ call: S3Call, with credentials: S3Credentials) -> FetchRequest {
        let moment = SigningMoment(signingTime())
        let hash = SHA256.hex(call.body ?? [])
        var request = signable(call, payloadHash: hash)
        request.headers += [("x-amz-content-sha256", hash), ("x-amz-date", moment.text)]
        if let token = credentials.sessionToken { request.headers.append(("x-amz-security-token", token)) }
        let authorization = signer(credentials).authorization(of: request, at: moment)
        // The host is libcurl's to write; it writes the one that was signed.
        let sent = request.headers.filter { $0.name != "host" } + [("Authorization", authorization)]
        return FetchRequest(
            method: call.method, url: url(request.path, query: request.encodedQuery), headers: sent, body: call.body,
            responseLimit: call.responseLimit,
            deadlines: FetchDeadlines(total: call.isLarge ? nil : .seconds(30)))
    }

    /// An address that makes the call; all its headers must be sent with it.
    func presigned(_ call: S3Call, until expiry: Timestamp) async throws(S3Fault) -> String {
        let credentials = try await currentCredentials()
        let seconds = min(Self.presignLimit, max(1, expiry.seconds - surroundings.clock().seconds))
        let request = signable(call, payloadHash: SignableRequest.unsignedPayload)
        let query = signer(credentials).presignedQuery(
            of: request, at: SigningMoment(signingTime()), seconds: Int(seconds))
        return url(request.path, query: query)
    }

    private func signer(_ credentials: S3Credentials) -> RequestSigner {
        RequestSigner(credentials: credentials, region: settings.region, service: Self.service)
    }

    private func signable(_ call: S3Call, payloadHash: String) -> SignableRequest {
        let key = call.key.map { PercentEncoding.encode(path: $0) } ?? ""
        return SignableRequest(
            method: call.method.rawValue, path: settings.pathStyle ? "/\(settings.bucket)/\(key)" : "/\(key)",
            query: call.query, headers: [("host", endpoint.authority)] + call.headers, payloadHash: payloadHash)
    }

    private var endpoint: S3Endpoint {
        settings.pathStyle ? settings.server : settings.server.below(settings.bucket)
    }

    private func url(_ path: String, query: String) -> String {
        endpoint.url + path + (query.isEmpty ? "" : "?\(query)")
    }
}
