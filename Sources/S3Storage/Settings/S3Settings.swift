import RoomStorage

/// Where the objects are, and how to be let in.
package struct S3Settings: Sendable {
    package var bucket: String
    /// Before every key; `rooms` puts the blob `a/b` at `rooms/a/b`. Empty for none.
    package var prefix: String
    /// `https://host[:port]` of the server, as peers reach it too; nil for AWS in ``region``.
    package var endpoint: S3Endpoint?
    /// `https://host/bucket/key`, which every server takes; false for `https://bucket.host/key`.
    package var pathStyle: Bool
    package var region: String
    /// PEM certificates to trust in place of the system's.
    package var caFile: String?
    package var credentials: S3CredentialsSource
    /// The most bytes that are stored or loaded in one piece, in memory.
    package var sizeLimit: Int
    /// How long one call is tried again and again before the store counts as away.
    package var patience: Duration
    package var partRule: PartRule

    /// S3's own limits are 5 GiB for one PUT, and 10,000 parts of 5 MiB or more, up to 5 TiB
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html); a smaller PUT loses less when it breaks off.
    ///
    /// - Parameters:
    ///   - wholeLimit: bytes of the largest file that is put whole.
    ///   - partSize: bytes of a part; 5 MiB at least.
    package static func partRule(wholeLimit: Int = 64 << 20, partSize: Int = 16 << 20) -> PartRule {
        PartRule(
            wholeLimit: min(wholeLimit, 5 << 30), partSize: max(partSize, 5 << 20), partLimit: 10_000,
            sizeLimit: 5 << 40)
    }

    /// - Parameter pathStyle: nil for what the endpoint makes usual: by path, but at AWS by host.
    package init(
        bucket: String, prefix: String = "", endpoint: S3Endpoint? = nil, pathStyle: Bool? = nil,
        region: String = "us-east-1", caFile: String? = nil, credentials: S3CredentialsSource,
        sizeLimit: Int = 1 << 30, patience: Duration = .seconds(20),
        partRule: PartRule = S3Settings.partRule()
    ) throws(S3SettingsFault) {
        guard Self.isBucketName(bucket) else { throw .badBucket }
        guard Self.isPrefix(prefix) else { throw .badPrefix }
        guard Self.isRegion(region) else { throw .badRegion }
        self.bucket = bucket
        self.prefix = prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
        self.endpoint = endpoint
        self.pathStyle = pathStyle ?? (endpoint != nil)
        self.region = region
        self.caFile = caFile
        self.credentials = credentials
        self.sizeLimit = sizeLimit
        self.patience = patience
        self.partRule = partRule
    }

    /// The server, with AWS's own address when none is set. China is a domain of its own.
    var server: S3Endpoint {
        endpoint ?? S3Endpoint(isSecure: true, host: "s3.\(region).\(Self.awsDomain(of: region))", port: nil)
    }

    static func awsDomain(of region: String) -> String {
        region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    }

    private static func isBucketName(_ text: String) -> Bool {
        (3...63).contains(text.utf8.count) && !text.contains("..")
            && text.utf8.allSatisfy { $0.isLowercaseOrDigit || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
    }

    private static func isPrefix(_ text: String) -> Bool {
        let segments = text.hasSuffix("/") ? text.dropLast() : text[...]
        guard !segments.isEmpty else { return text.isEmpty }
        return text.utf8.count <= 256
            && segments.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { segment in
                !segment.isEmpty && segment != "." && segment != ".." && segment.utf8.allSatisfy(\.isUnreserved)
            }
    }

    private static func isRegion(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { $0.isLowercaseOrDigit || $0 == 0x2D }
    }
}

package enum S3SettingsFault: Error, Equatable, Sendable {
    case badBucket
    case badPrefix
    case badRegion
    case badEndpoint
    case badCredentials
}

extension S3SettingsFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badBucket: "a bucket's name is 3–63 of a–z 0–9 . - _"
        case .badPrefix: "a key prefix is at most 256 of A–Z a–z 0–9 - _ . ~ in segments parted by /"
        case .badRegion: "a region is at most 64 of a–z 0–9 -, us-east-1 for instance"
        case .badEndpoint: "an S3 endpoint is http:// or https://, a host and perhaps a port, without a path"
        case .badCredentials:
            "no S3 credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_WEB_IDENTITY_TOKEN_FILE and "
                + "AWS_ROLE_ARN, or AWS_SHARED_CREDENTIALS_FILE"
        }
    }
}
