import Cryptography
import RoomCore
import RoomStorage
import WireMessages

/// What came of asking for an upload.
enum UploadBeginning: Sendable {
    case open(OpenUpload)
    /// What the room uses without it.
    case full(RoomUse)
}

/// What is still missing of an upload, with the addresses to send it to.
struct OpenUpload: Sendable {
    let upload: Upload
    let missing: [FileAddress]
    /// There is more missing than fits a reply.
    let hasMore: Bool
    let addressesExpireAt: Timestamp
}

/// What verifying an upload found, and by which attempt, whose mark stands until it is taken away.
struct Verification: Sendable {
    let attempt: VerificationID
    let mismatches: [FileMismatch]
}

extension ModelFiles {
    /// Opens an upload, or the one that broke off, and gives addresses for what the store does not have yet.
    ///
    /// What an upload that it replaces had brought goes, unless it is named again.
    ///
    /// - Parameter standing: files of the model that stay, whatever is uploaded.
    func beginUpload(
        of files: [ModelFile], model: ModelID, room: RoomID, by user: UserID, at now: Timestamp,
        within quota: UploadQuota?, replyBytes: Int, keeping standing: [ModelFile] = []
    ) async throws -> UploadBeginning {
        for file in files where transfers.partRule.parts(ofSize: file.size) == nil {
            throw Refusal.limitReached(
                "\(file.path) has \(file.size) bytes; the store takes at most \(transfers.partRule.sizeLimit) a file")
        }
        var named: [UploadFile] = []
        for file in files {
            named.append(UploadFile(file: file, key: try Self.key(of: file.path, of: model, in: room), parts: nil))
        }
        let candidate = Upload(
            id: UploadID(trusted: try SecureRandom.hex(bytes: 16)), room: room, model: model, startedBy: user,
            createdAt: now, expiresAt: now.advanced(bySeconds: settings.uploadSeconds), files: named)
        let opened: OpenedUpload
        switch try await noting({ ledger throws(StoreError) in try await ledger.open(candidate, within: quota) }) {
        case .opened(let standing): opened = standing
        case .full(let use): return .full(use)
        }
        if let replaced = opened.replaced {
            try await abandonParts(of: replaced)
            var named = Set(opened.upload.files.map(\.key))
            for file in standing { named.insert(try Self.key(of: file.path, of: model, in: room)) }
            for file in replaced.files where !named.contains(file.key) { try await blobs.delete(file.key) }
        }
        let expiry = now.advanced(bySeconds: settings.addressSeconds)
        var missing: [FileAddress] = []
        var room = replyBytes
        for file in opened.upload.files {
            if try await fault(of: file.file, at: file.key) == nil { continue }
            guard room > 0 else {
                return .open(
                    OpenUpload(upload: opened.upload, missing: missing, hasMore: true, addressesExpireAt: expiry))
            }
            if let address = try await address(for: file, of: opened.upload.id, until: expiry, &room) {
                missing.append(address)
            }
        }
        return .open(
            OpenUpload(upload: opened.upload, missing: missing, hasMore: room <= 0, addressesExpireAt: expiry))
    }

    /// About what an address takes of a reply beside its URL and headers.
    private static let addressBytes = 512

    /// Nil when every part of the file has arrived.
    private func address(
        for file: UploadFile, of upload: UploadID, until expiry: Timestamp, _ room: inout Int
    ) async throws -> FileAddress? {
        guard file.file.size > transfers.partRule.wholeLimit else {
            let signed = try await transfers.uploadAddress(
                for: file.key, size: file.file.size, sha256: file.file.sha256, expiry: expiry)
            room -= signed.bytes + Self.addressBytes
            return FileAddress(file: file.file, method: signed.method, url: signed.url, headers: signed.headers)
        }
        let (parts, stored) = try await standingParts(of: file, in: upload)
        let arrived = Dictionary(stored.map { ($0.number, $0.size) }) { first, _ in first }
        var addresses: [PartAddress] = []
        var method = "PUT"
        for part in transfers.partRule.parts(ofSize: file.file.size) ?? [] where arrived[part.number] != part.size {
            guard room > 0 else { break }
            let signed = try await transfers.partAddress(part, of: parts, at: file.key, expiry: expiry)
            method = signed.method
            room -= signed.bytes + Self.addressBytes
            addresses.append(
                PartAddress(
                    number: part.number, offset: part.offset, size: part.size, url: signed.url,
                    headers: signed.headers))
        }
        guard !addresses.isEmpty else { return nil }
        return FileAddress(file: file.file, method: method, url: nil, headers: [], parts: addresses)
    }

    /// The upload in parts that was begun for a file, or a new one; of two servers that begin one, the first one's.
    private func standingParts(
        of file: UploadFile, in upload: UploadID
    ) async throws -> (PartsID, [StoredPart]) {
        if let parts = file.parts, let stored = try await transfers.storedParts(of: parts, at: file.key) {
            return (parts, stored)
        }
        let begun = try await transfers.beginParts(of: file.key)
        let standing = try await noting { ledger throws(StoreError) in
            try await ledger.noteParts(begun, of: file.file.path, in: upload, expecting: file.parts)
        }
        guard let standing, standing != begun else { return (begun, []) }
        try await transfers.abandonParts(begun, at: file.key)
        return (standing, try await transfers.storedParts(of: standing, at: file.key) ?? [])
    }

    func abandonParts(of upload: Upload) async throws(StoreError) {
        for file in upload.files {
            if let parts = file.parts { try await transfers.abandonParts(parts, at: file.key) }
        }
    }
}

// MARK: - The end of an upload

extension ModelFiles {
    /// Verifies an upload that its peer says is all there, which may take long; what was wrong, in the end.
    ///
    /// While it goes on the ledger says so, and the upload's place in the room's quota is kept. Where this server ends
    /// before it, the mark outlives it, and whichever server looks next begins again. An attempt that was given up for
    /// gone changes nothing any more: it renews its mark right before whatever it does.
    func verify(_ upload: Upload, clock: @escaping @Sendable () -> Timestamp) async throws -> Verification {
        let attempt = VerificationID(try SecureRandom.hex(bytes: 16))
        let now = clock()
        let (until, expiry) = terms(at: now)
        let mark = try await noting { ledger throws(StoreError) in
            try await ledger.noteVerifying(upload.id, by: attempt, until: until, keeping: expiry, at: now)
        }
        switch mark {
        case .noted: break
        case .taken: throw Refusal.verifiedElsewhere
        case .gone: throw Refusal.noSuchUpload
        }
        let renew: @Sendable () async throws -> Bool = {
            try await renewMark(of: attempt, on: upload, at: clock())
        }
        do {
            let found = try await whileRenewing(every: .seconds(settings.termSeconds) / 4, renew) {
                let found = try await mismatches(of: upload, renew)
                guard try await renew() else { throw Refusal.verifiedElsewhere }
                return found
            }
            return Verification(attempt: attempt, mismatches: found)
        } catch {
            await giveUp(attempt, of: upload, at: clock())
            throw error is CancellationError ? Refusal.verifiedElsewhere : error
        }
    }

    /// Ends an attempt's term without an end of the verification: whoever asks or looks next begins again at once.
    func giveUp(_ attempt: VerificationID, of upload: Upload, at now: Timestamp) async {
        _ = try? await ledger.renewVerifying(upload.id, by: attempt, until: now, keeping: now, at: now)
    }

    private func renewMark(
        of attempt: VerificationID, on upload: Upload, at now: Timestamp
    ) async throws(LedgerFault) -> Bool {
        let (until, expiry) = terms(at: now)
        return try await noting { ledger throws(StoreError) in
            try await ledger.renewVerifying(upload.id, by: attempt, until: until, keeping: expiry, at: now)
        }
    }

    /// Until when a mark counts, and its upload is kept.
    private func terms(at now: Timestamp) -> (until: Timestamp, expiry: Timestamp) {
        (now.advanced(bySeconds: settings.termSeconds), now.advanced(bySeconds: settings.uploadSeconds))
    }

    /// Joins what came in parts and verifies every file. A bad object is deleted, so that it is asked for again.
    private func mismatches(
        of upload: Upload, _ renew: @Sendable () async throws -> Bool
    ) async throws -> [FileMismatch] {
        var mismatches: [FileMismatch] = []
        for file in upload.files {
            if let reason = try await join(file) {
                mismatches.append(FileMismatch(path: file.file.path, reason: reason))
                continue
            }
            guard let reason = try await fault(of: file.file, at: file.key) else { continue }
            mismatches.append(FileMismatch(path: file.file.path, reason: reason))
            guard try await renew() else { throw Refusal.verifiedElsewhere }
            try await blobs.delete(file.key)
            guard let parts = file.parts else { continue }
            try await transfers.abandonParts(parts, at: file.key)
            _ = try await noting { ledger throws(StoreError) in
                try await ledger.noteParts(nil, of: file.file.path, in: upload.id, expecting: parts)
            }
        }
        return mismatches
    }

    /// What is missing before a file's parts can be joined; nil when they are joined, or it did not come in parts.
    private func join(_ file: UploadFile) async throws(StoreError) -> String? {
        guard let parts = file.parts, let stored = try await transfers.storedParts(of: parts, at: file.key) else {
            return nil
        }
        let arrived = Dictionary(stored.map { ($0.number, $0) }) { first, _ in first }
        let wanted = transfers.partRule.parts(ofSize: file.file.size) ?? []
        let missing = wanted.filter { arrived[$0.number]?.size != $0.size }
        guard missing.isEmpty else {
            return
                "\(missing.count) of its \(wanted.count) parts are not in the store, the first is \(missing[0].number)"
        }
        try await transfers.finishParts(parts, at: file.key, from: wanted.compactMap { arrived[$0.number] })
        return nil
    }

    /// Addresses to read a model's files from.
    func downloadAddresses(
        of model: Model, room: RoomID, at now: Timestamp
    ) async throws -> (files: [FileAddress], expiry: Timestamp) {
        let expiry = now.advanced(bySeconds: settings.addressSeconds)
        var addresses: [FileAddress] = []
        for file in model.files {
            let signed = try await transfers.downloadAddress(
                for: try Self.key(of: file.path, of: model.id, in: room), expiry: expiry)
            addresses.append(
                FileAddress(file: file, method: signed.method, url: signed.url, headers: signed.headers))
        }
        return (addresses, expiry)
    }
}

extension SignedAddress {
    fileprivate var bytes: Int {
        url.utf8.count + headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 8 }
    }
}

extension Refusal {
    static let noSuchUpload = Refusal.invalid(
        "upload_id: there is no such upload, or it expired; send registry_upload again")

    static let verifiedElsewhere = Refusal.unavailable(
        "Another request or server verifies this upload; send it again in a while")
}
