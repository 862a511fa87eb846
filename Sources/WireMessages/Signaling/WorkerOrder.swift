import JSONWire
import RoomCore

/// What the server tells workers on behalf of members.
package enum WorkerOrder {
    /// What members may have passed on unchanged. Jobs have routes of their own, which note whose they are.
    package static let passedOn: Set = [
        "fs_list_req", "use_worker_path", "fs_check_videos", "key_exchange", "encrypted_relay",
    ]

    package static func jobAssigned(_ job: JobID, config: JSONObject, by user: String) -> [UInt8] {
        JSONValue.object([
            "type": "job_assigned", "job_id": .string(job.text), "config": .object(config),
            "submitted_by": .string(user),
        ]).encoded()
    }

    /// What the job's stream begins with.
    package static func submitted(_ job: JobID, to peer: PeerID) -> [UInt8] {
        JSONValue.object([
            "type": "status", "status": "submitted", "job_id": .string(job.text),
            "worker_peer_id": .string(peer.text),
        ]).encoded()
    }

    /// In the job's stream, as workers say themselves that they do not take a job.
    package static func rejected(_ job: JobID, because reason: String) -> [UInt8] {
        JSONValue.object([
            "type": "job_status", "status": "rejected", "job_id": .string(job.text), "error": .string(reason),
            "message": .string(reason),
        ]).encoded()
    }

    package enum Ending: String, Sendable, CaseIterable {
        case cancel, stop
    }

    package static func jobCancel(_ job: JobID, _ mode: Ending) -> [UInt8] {
        JSONValue.object([
            "type": "job_cancel", "job_id": .string(job.text), "mode": .string(mode.rawValue),
        ]).encoded()
    }

    package static func fsListRequest(_ id: String, path: String, offset: Int) -> [UInt8] {
        JSONValue.object([
            "type": "fs_list_req", "req_id": .string(id), "path": .string(path), "offset": .integer(offset),
        ]).encoded()
    }

    package static func encryptedRelay(session: String, nonce: String, ciphertext: String) -> [UInt8] {
        JSONValue.object([
            "type": "encrypted_relay", "session_id": .string(session), "nonce": .string(nonce),
            "ciphertext": .string(ciphertext),
        ]).encoded()
    }
}
