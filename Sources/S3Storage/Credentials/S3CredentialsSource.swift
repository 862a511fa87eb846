/// Where credentials come from.
package enum S3CredentialsSource: Sendable {
    case fixed(S3Credentials)
    /// A service's token, which STS exchanges for credentials (Kubernetes service accounts).
    case webIdentity(WebIdentity)
    case file(path: String, profile: String)

    /// The first that the environment names, in the order of AWS's own libraries.
    ///
    /// A variable that is set but empty counts as absent, as in a manifest that leaves it open.
    ///
    /// - Parameter region: of STS, where `AWS_ENDPOINT_URL_STS` does not name one.
    package init(environment: [String: String], region: String) throws(S3SettingsFault) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let id = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") {
            let token = value("AWS_SESSION_TOKEN")
            guard let fixed = S3Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token) else {
                throw .badCredentials
            }
            self = .fixed(fixed)
        } else if let tokenFile = value("AWS_WEB_IDENTITY_TOKEN_FILE"), let role = value("AWS_ROLE_ARN") {
            self = .webIdentity(
                WebIdentity(
                    tokenFile: tokenFile, role: role, session: value("AWS_ROLE_SESSION_NAME") ?? "sleap-rooms",
                    endpoint: try value("AWS_ENDPOINT_URL_STS").map(S3Endpoint.init)
                        ?? WebIdentity.endpoint(of: region)))
        } else if let path = value("AWS_SHARED_CREDENTIALS_FILE") ?? value("HOME").map({ "\($0)/.aws/credentials" }) {
            self = .file(path: path, profile: value("AWS_PROFILE") ?? "default")
        } else {
            throw .badCredentials
        }
    }
}

/// Who asks STS, and where.
package struct WebIdentity: Sendable {
    let tokenFile: String
    let role: String
    let session: String
    let endpoint: S3Endpoint

    static func endpoint(of region: String) -> S3Endpoint {
        S3Endpoint(isSecure: true, host: "sts.\(region).\(S3Settings.awsDomain(of: region))", port: nil)
    }
}
