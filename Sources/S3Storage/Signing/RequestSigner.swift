import Cryptography
import RoomCore

/// AWS Signature Version 4
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html).
struct RequestSigner: Sendable {
    let credentials: S3Credentials
    let region: String
    let service: String

    private static let algorithm = "AWS4-HMAC-SHA256"

    /// The value of the `Authorization` header. `x-amz-date` must be among the headers.
    func authorization(of request: SignableRequest, at moment: SigningMoment) -> String {
        "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope(moment)), "
            + "SignedHeaders=\(request.signedHeaders), Signature=\(signature(of: request, at: moment))"
    }

    /// The query that lets whoever has the address make the request until `seconds` after the moment.
    func presignedQuery(of request: SignableRequest, at moment: SigningMoment, seconds: Int) -> String {
        var request = request
        request.query += [
            ("X-Amz-Algorithm", Self.algorithm), ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(moment))"),
            ("X-Amz-Date", moment.text), ("X-Amz-Expires", String(seconds)),
            ("X-Amz-SignedHeaders", request.signedHeaders),
        ]
        if let token = credentials.sessionToken { request.query.append(("X-Amz-Security-Token", token)) }
        return request.encodedQuery + "&X-Amz-Signature=" + signature(of: request, at: moment)
    }

    private func scope(_ moment: SigningMoment) -> String { "\(moment.day)/\(region)/\(service)/aws4_request" }

    private func signature(of request: SignableRequest, at moment: SigningMoment) -> String {
        let text = [Self.algorithm, moment.text, scope(moment), SHA256.hex(request.canonical)].joined(separator: "\n")
        let seed = Array("AWS4\(credentials.secretAccessKey)".utf8)
        let key = [moment.day, region, service, "aws4_request"].reduce(seed) { key, part in
            HMACSHA256.authenticate(key: key, message: Array(part.utf8))
        }
        return Hexadecimal.encode(HMACSHA256.authenticate(key: key, message: Array(text.utf8)))
    }
}
