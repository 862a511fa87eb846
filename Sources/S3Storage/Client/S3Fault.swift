import HTTPFetching
import RoomStorage

/// Why a call has no result.
enum S3Fault: Error, Equatable {
    case unreached(FetchFault)
    case refused(S3Refusal)
    case noCredentials(CredentialsFault)
    /// The answer is none of S3's.
    case unreadable(String)
    /// Stored bytes that are not those that were stored.
    case damaged(key: String)
    case tooLarge(key: String, limit: Int)
    case unknownUpload(key: String)

    var refusal: S3Refusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }

    /// The same call may succeed shortly.
    var isPassing: Bool {
        switch self {
        case .unreached(let fault):
            switch fault {
            case .unreachable, .brokenOff, .timedOut, .busy: true
            case .badRequest, .untrusted, .responseTooLarge, .tooManyRedirects, .stoppedByReader, .cancelled: false
            }
        case .refused(let refusal): refusal.isPassing
        case .noCredentials(let fault):
            switch fault {
            case .unreached: true
            case .refusedBySTS(_, let status, _): status >= 500 || status == 429
            case .unreadableFile, .noProfile, .malformed: false
            }
        case .unreadable, .damaged, .tooLarge, .unknownUpload: false
        }
    }

    /// The server may have done what was asked, though its answer is lost.
    var mayHaveActed: Bool {
        switch self {
        case .unreached(.brokenOff), .unreached(.timedOut): true
        case .refused(let refusal): refusal.status >= 500 && refusal.status != 501
        default: false
        }
    }

    func storeError(bucket: String, host: String) -> StoreError {
        switch self {
        case .unreached(let fault): .unavailable("S3: \(fault)")
        case .refused(let refusal) where refusal.wantsOperator:
            .refused(refusal.sentence(bucket: bucket, host: host))
        case .refused(let refusal): .unavailable(refusal.sentence(bucket: bucket, host: host))
        case .noCredentials(let fault): isPassing ? .unavailable("S3: \(fault)") : .refused("S3: \(fault)")
        case .unreadable(let what):
            .corrupt("S3 at \(host) gave \(what): check that the endpoint is an S3 server, and what stands before it")
        case .damaged(let key):
            .corrupt("the object \(key) in \"\(bucket)\" does not have its checksum: restore it from a copy")
        case .tooLarge(let key, let limit):
            .unavailable("\(key) has more than the \(limit) bytes that are kept in memory: transfer it as a file")
        case .unknownUpload(let key):
            .unavailable("the upload of \(key) in parts is not known any more: begin it again")
        }
    }
}
