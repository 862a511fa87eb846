import RoomCore

/// Uploads under way, so that whoever comes back, on whatever server, goes on where it broke off.
///
/// Duties: every call is one commit and durable when it returns; a model has at most one upload; uploads go with their
/// room; an upload of a room that is gone is not kept and is no error. What has expired stays until it is closed.
///
/// An open upload is also a reservation: until it expires or is closed, its bytes count against its room's quota, so
/// that of two that together are too much, asked for at once on whatever servers, one is refused.
package protocol UploadLedger: Sendable {
    /// Opens an upload, or renews the one that is open for the very same files (its id, parts and maker stay, the later
    /// expiry counts). One that is open for other files is closed and given back as `replaced`.
    ///
    /// - Parameter quota: nothing is opened, renewed or closed where the room then had more; nil: no limit.
    func open(_ upload: Upload, within quota: UploadQuota?) async throws(StoreError) -> UploadOpening
    func upload(_ id: UploadID) async throws(StoreError) -> Upload?
    /// Notes the store's parts of one file where `expected` stands now; what stands afterwards, nil also when there is
    /// no such upload or file.
    func noteParts(
        _ parts: PartsID?, of path: String, in upload: UploadID, expecting expected: PartsID?
    ) async throws(StoreError) -> PartsID?
    /// Notes that all of an upload is said to be there and is being verified by an attempt, until `moment` unless it is
    /// renewed, and keeps the upload at least until `expiry`. Of attempts at one moment one is noted, and no other until
    /// its term is over.
    func noteVerifying(
        _ id: UploadID, by attempt: VerificationID, until moment: Timestamp, keeping expiry: Timestamp,
        at now: Timestamp
    ) async throws(StoreError) -> VerifyingMark
    /// Renews an attempt's mark; false when it is no longer this one's, or the upload is gone or expired by `now`.
    func renewVerifying(
        _ id: UploadID, by attempt: VerificationID, until moment: Timestamp, keeping expiry: Timestamp,
        at now: Timestamp
    ) async throws(StoreError) -> Bool
    /// The verification came to an end, whichever; nothing when another attempt has the mark.
    func noteVerified(_ id: UploadID, by attempt: VerificationID) async throws(StoreError)
    /// Those whose verification stopped before a moment without an end, the longest ago first.
    func uploads(unverifiedSince moment: Timestamp, limit: Int) async throws(StoreError) -> [Upload]
    /// Whether some upload has these parts.
    func knows(_ parts: PartsID) async throws(StoreError) -> Bool
    /// By their ids, in byte order.
    func uploads(in room: RoomID) async throws(StoreError) -> [Upload]
    /// Those whose expiry is before a moment, the oldest first.
    func uploads(expiredBefore moment: Timestamp, limit: Int) async throws(StoreError) -> [Upload]
    /// Closes an upload if its expiry is still this one; false when it was renewed, or is gone.
    func close(_ id: UploadID, expiring moment: Timestamp) async throws(StoreError) -> Bool
}

/// What came of asking for the mark of an upload that is verified.
package enum VerifyingMark: Sendable, Equatable {
    case noted
    /// Another attempt has it, and its term is not over.
    case taken
    /// There is no such upload, or it expired.
    case gone
}

/// One attempt to verify an upload: random, so that it is nobody else's.
package struct VerificationID: Sendable, Hashable {
    package let text: String

    package init(_ text: String) { self.text = text }
}

package enum UploadOpening: Sendable, Equatable {
    case opened(OpenedUpload)
    /// What the room uses without the upload that was asked for; nothing was done.
    case full(RoomUse)
}

package struct OpenedUpload: Sendable, Equatable {
    package let upload: Upload
    package let replaced: Upload?

    package init(upload: Upload, replaced: Upload?) {
        self.upload = upload
        self.replaced = replaced
    }
}

/// Whoever knows it may complete the upload, given the right to write: random, and never logged.
package struct UploadID: ValidatedText {
    package let text: String
    package static let rule = "an upload id is 32 lowercase hex digits"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

package struct Upload: Sendable, Equatable {
    package let id: UploadID
    package let room: RoomID
    package let model: ModelID
    package let startedBy: UserID
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    /// By path, in byte order.
    package let files: [UploadFile]

    package init(
        id: UploadID, room: RoomID, model: ModelID, startedBy: UserID, createdAt: Timestamp, expiresAt: Timestamp,
        files: [UploadFile]
    ) {
        self.id = id
        self.room = room
        self.model = model
        self.startedBy = startedBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.files = files.sorted { $0.file.path.utf8.lexicographicallyPrecedes($1.file.path.utf8) }
    }

    package func isSame(as other: Upload) -> Bool { files.map(\.file) == other.files.map(\.file) }

    package func renewed(until moment: Timestamp) -> Upload {
        Upload(
            id: id, room: room, model: model, startedBy: startedBy, createdAt: createdAt,
            expiresAt: max(expiresAt, moment), files: files)
    }
}

package struct UploadFile: Sendable, Equatable {
    package let file: ModelFile
    package let key: BlobKey
    /// The store's upload in parts, once it was begun.
    package let parts: PartsID?

    package init(file: ModelFile, key: BlobKey, parts: PartsID?) {
        self.file = file
        self.key = key
        self.parts = parts
    }
}
