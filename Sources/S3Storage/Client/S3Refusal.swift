import HTTPFetching

/// A request the store turned down
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
struct S3Refusal: Error, Equatable {
    let status: Int
    /// S3's word for it; empty where the answer has no body, as to HEAD.
    let code: String
    /// An earlier attempt of the same call may have been acted on, its answer lost.
    var isRepeat = false

    init(status: Int, code: String) {
        self.status = status
        self.code = Self.word(code)
    }

    init(_ response: FetchResponse) {
        let document = try? XMLElement(response.body)
        let code = document?.name == "Error" ? document?.text(of: "Code") : nil
        self.init(status: response.isSuccess ? 500 : response.status, code: code ?? "")
    }

    /// Only what a code may hold: it is shown, and the server is not trusted.
    static func word(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0.isUnreserved }.prefix(64), as: UTF8.self)
    }

    /// The same call may succeed shortly.
    var isPassing: Bool {
        switch status {
        case 429, 500, 502, 503, 504: true
        default: ["SlowDown", "RequestTimeout", "OperationAborted", "ConditionalRequestConflict"].contains(code)
        }
    }

    /// Credentials, rights, the bucket or the clock are wrong, and stay so until somebody sets them right.
    var wantsOperator: Bool { !isPassing && ([301, 401, 403].contains(status) || code == "NoSuchBucket") }

    var saysNoSuchKey: Bool { status == 404 && (code.isEmpty || code == "NoSuchKey" || code == "NotFound") }
    /// Of calls about an upload; Ceph's gateway names the key in place of the upload.
    var saysNoSuchUpload: Bool { code == "NoSuchUpload" || saysNoSuchKey }
    var saysConditionFailed: Bool { status == 412 }
    var saysUnsupported: Bool { status == 501 }

    /// The credentials were good once, perhaps: rotated or run out, so others may be found where these came from.
    var saysExpired: Bool {
        ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidAccessKeyId"].contains(code)
    }

    /// A sentence that names the cause and the remedy.
    func sentence(bucket: String, host: String) -> String {
        let name = code.isEmpty ? "status \(status)" : "\(code), status \(status)"
        return "S3 at \(host) refused (\(name)): \(remedy(bucket: bucket))"
    }

    private func remedy(bucket: String) -> String {
        switch code {
        case "NoSuchBucket": "create the bucket \"\(bucket)\", or correct its name"
        case "AccessDenied", "AllAccessDisabled":
            "allow these credentials to list \"\(bucket)\" and to get, put and delete its objects"
        case "InvalidAccessKeyId": "the access key is not known there: correct AWS_ACCESS_KEY_ID"
        case "SignatureDoesNotMatch": "the secret is wrong: correct AWS_SECRET_ACCESS_KEY, and check the region"
        case "RequestTimeTooSkewed": "set this machine's clock"
        case "ExpiredToken", "InvalidToken": "renew AWS_SESSION_TOKEN"
        case "AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException":
            "set the region and the endpoint of the bucket \"\(bucket)\""
        case "QuotaExceeded", "XMinioStorageFull": "free some space there"
        case "SlowDown": "it asks for fewer requests; try again"
        default:
            status >= 500 ? "it has trouble of its own; try again" : "check the bucket, its policy and the endpoint"
        }
    }
}
