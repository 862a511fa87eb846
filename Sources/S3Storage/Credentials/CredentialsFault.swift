import HTTPFetching

/// Why there are no credentials.
enum CredentialsFault: Error, Equatable {
    case unreadableFile(path: String, reason: String)
    case noProfile(path: String, profile: String)
    case malformed(path: String)
    case unreached(FetchFault)
    case refusedBySTS(host: String, status: Int, code: String)
}

extension CredentialsFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .unreadableFile(let path, let reason): "the credentials file \(path) cannot be read (\(reason))"
        case .noProfile(let path, let profile):
            "\(path) has no profile \"\(profile)\" with aws_access_key_id and aws_secret_access_key: add it, or set "
                + "AWS_PROFILE"
        case .malformed(let path): "\(path) does not hold credentials in the form that is expected there"
        case .unreached(let fault): "credentials from STS: \(fault)"
        case .refusedBySTS(let host, let status, let code):
            "STS at \(host) refused the web identity (\(status) \(code)): check AWS_ROLE_ARN and the role's trust policy"
        }
    }
}
