import JSONWire

/// The `type` of a message that the server has a meaning for.
package enum MessageType: String, Sendable, CaseIterable {
    case register
    case discoverPeers = "discover_peers"
    case updateMetadata = "update_metadata"
    case peerMessage = "peer_message"
    case offer, answer, candidate
    case meshConnect = "mesh_connect"
    case meshAnswer = "mesh_answer"
    case iceCandidate = "ice_candidate"
    /// What one peer tells another that went wrong.
    case error
    case reserve, release
    // What workers tell the streams that clients read.
    case fsListRes = "fs_list_res"
    case jobStatus = "job_status"
    case jobProgress = "job_progress"
    case workerPathOK = "worker_path_ok"
    case workerPathError = "worker_path_error"
    case fsCheckVideosResponse = "fs_check_videos_response"
    case keyExchangeResponse = "key_exchange_response"
    case encryptedRelay = "encrypted_relay"
    case registryPublish = "registry_publish"
    case registryUpdate = "registry_update"
    case registryAlias = "registry_alias"
    case registryWithdraw = "registry_withdraw"
    case registryRestore = "registry_restore"
    case registryCopy = "registry_copy"
    case registryQuery = "registry_query"
    case registrySubscribe = "registry_subscribe"
    case registryUnsubscribe = "registry_unsubscribe"
    case registryUpload = "registry_upload"
    case registryUploadComplete = "registry_upload_complete"
    case registryDownload = "registry_download"

    /// Found by length and bytes: no text is made for a frame that is only passed on.
    init?(_ span: JSONSpan, in bytes: UnsafeRawBufferPointer) {
        func names(_ name: StaticString) -> Bool { JSONScanner.matches(span, name, in: bytes) }
        switch span.range.count {
        case 5 where names("offer"): self = .offer
        case 5 where names("error"): self = .error
        case 6 where names("answer"): self = .answer
        case 7 where names("reserve"): self = .reserve
        case 7 where names("release"): self = .release
        case 8 where names("register"): self = .register
        case 9 where names("candidate"): self = .candidate
        case 11 where names("mesh_answer"): self = .meshAnswer
        case 10 where names("job_status"): self = .jobStatus
        case 11 where names("fs_list_res"): self = .fsListRes
        case 12 where names("job_progress"): self = .jobProgress
        case 12 where names("peer_message"): self = .peerMessage
        case 12 where names("mesh_connect"): self = .meshConnect
        case 13 where names("ice_candidate"): self = .iceCandidate
        case 13 where names("registry_copy"): self = .registryCopy
        case 14 where names("worker_path_ok"): self = .workerPathOK
        case 14 where names("discover_peers"): self = .discoverPeers
        case 14 where names("registry_query"): self = .registryQuery
        case 14 where names("registry_alias"): self = .registryAlias
        case 15 where names("update_metadata"): self = .updateMetadata
        case 15 where names("encrypted_relay"): self = .encryptedRelay
        case 15 where names("registry_upload"): self = .registryUpload
        case 15 where names("registry_update"): self = .registryUpdate
        case 16 where names("registry_publish"): self = .registryPublish
        case 16 where names("registry_restore"): self = .registryRestore
        case 17 where names("registry_download"): self = .registryDownload
        case 17 where names("registry_withdraw"): self = .registryWithdraw
        case 17 where names("worker_path_error"): self = .workerPathError
        case 18 where names("registry_subscribe"): self = .registrySubscribe
        case 20 where names("registry_unsubscribe"): self = .registryUnsubscribe
        case 21 where names("key_exchange_response"): self = .keyExchangeResponse
        case 24 where names("fs_check_videos_response"): self = .fsCheckVideosResponse
        case 24 where names("registry_upload_complete"): self = .registryUploadComplete
        default: return nil
        }
    }
}
