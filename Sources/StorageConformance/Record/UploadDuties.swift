import RoomCore
import RoomStorage
import Testing

/// An ``UploadLedger`` with the accounts of the same record, as rooms are needed.
package struct LedgerUnderTest: Sendable {
    package let ledger: any UploadLedger & FileUpkeep
    package let accounts: any AccountStore

    package init(ledger: any UploadLedger & FileUpkeep, accounts: any AccountStore) {
        self.ledger = ledger
        self.accounts = accounts
    }

    /// Opens an upload without a limit, which nothing refuses.
    func open(_ upload: Upload) async throws -> OpenedUpload {
        let opening = try await ledger.open(upload, within: nil)
        guard case .opened(let opened) = opening else { throw Unexpected(opening: opening) }
        return opened
    }

    func newRoom() async throws -> RoomID {
        let room = RoomRecord(
            id: RoomID(trusted: uniqueHex()), name: "room", createdBy: UserID(trusted: "somebody"),
            createdAt: Timestamp(seconds: 0), expiresAt: nil)
        try await accounts.createRoom(room, epoch: Epoch(trusted: "first"))
        return room.id
    }

    func upload(
        in room: RoomID, model: String = "00000001", paths: [String] = ["b.ckpt", "a.yaml"], expires: Int64 = 100,
        size: Int = 1 << 40
    ) throws -> Upload {
        let files = try paths.map { path in
            UploadFile(
                file: ModelFile(
                    path: path, size: size, sha256: Digest(trusted: String(repeating: "0f", count: 32))),
                key: try #require(BlobKey("models/\(room)/\(model)/\(path)")), parts: nil)
        }
        return Upload(
            id: UploadID(trusted: uniqueHex() + uniqueHex()), room: room, model: ModelID(trusted: model),
            startedBy: UserID(trusted: "somebody"), createdAt: Timestamp(microseconds: 7),
            expiresAt: Timestamp(seconds: expires), files: files)
    }
}

private struct Unexpected: Error {
    let opening: UploadOpening
}

/// The duties of an ``UploadLedger``.
package enum UploadDuties {
    package static let all: [Duty<LedgerUnderTest>] = opening + reserving + verifying + UpkeepDuties.all

    static let opening: [Duty<LedgerUnderTest>] = [
        Duty("an upload is kept as it was opened, its files by path") { under in
            let upload = try under.upload(in: try await under.newRoom())
            #expect(try await under.open(upload) == OpenedUpload(upload: upload, replaced: nil))
            let kept = try #require(try await under.ledger.upload(upload.id))
            #expect(kept == upload)
            #expect(kept.files.map(\.file.path) == ["a.yaml", "b.ckpt"])
        },
        Duty("the same files again are the same upload, with the later expiry and its parts") { under in
            let room = try await under.newRoom()
            let first = try under.upload(in: room, expires: 100)
            _ = try await under.open(first)
            let parts = PartsID("parts")
            #expect(try await under.ledger.noteParts(parts, of: "a.yaml", in: first.id, expecting: nil) == parts)
            let later = try await under.open(try under.upload(in: room, expires: 200))
            #expect(later.upload.id == first.id && later.replaced == nil)
            #expect(later.upload.expiresAt == Timestamp(seconds: 200))
            #expect(later.upload.files.first?.parts == parts)
            let earlier = try await under.open(try under.upload(in: room, expires: 50))
            #expect(earlier.upload.expiresAt == Timestamp(seconds: 200))
            #expect(try await under.ledger.upload(first.id) == earlier.upload)
        },
        Duty("other files of the model take the place of what was open, which is given back") { under in
            let room = try await under.newRoom()
            let first = try under.upload(in: room)
            _ = try await under.open(first)
            let second = try under.upload(in: room, paths: ["c.h5"])
            #expect(try await under.open(second) == OpenedUpload(upload: second, replaced: first))
            #expect(try await under.ledger.upload(first.id) == nil)
            #expect(try await under.ledger.uploads(in: room) == [second])
        },
        Duty("of sixteen who open an upload at once, all get one") { under in
            let room = try await under.newRoom()
            let ids = try await sideBySide(16) { _ in
                try await under.open(try under.upload(in: room)).upload.id
            }
            #expect(Set(ids).count == 1)
        },
        Duty("of sixteen who note parts at once, one does, and all hear which") { under in
            let upload = try under.upload(in: try await under.newRoom())
            _ = try await under.open(upload)
            let standing = try await sideBySide(16) { number in
                try await under.ledger.noteParts(
                    PartsID("parts-\(number)"), of: "b.ckpt", in: upload.id, expecting: nil)
            }
            #expect(Set(standing).count == 1 && standing.first != .some(nil))
        },
        Duty("parts are taken back only by those who know them") { under in
            let upload = try under.upload(in: try await under.newRoom())
            _ = try await under.open(upload)
            let ledger = under.ledger
            let parts = PartsID("parts")
            _ = try await ledger.noteParts(parts, of: "a.yaml", in: upload.id, expecting: nil)
            #expect(
                try await ledger.noteParts(nil, of: "a.yaml", in: upload.id, expecting: PartsID("others")) == parts)
            #expect(try await ledger.noteParts(nil, of: "a.yaml", in: upload.id, expecting: parts) == nil)
            #expect(try await ledger.noteParts(parts, of: "no.such", in: upload.id, expecting: nil) == nil)
        },
        Duty("an upload that was renewed is not closed by its old expiry") { under in
            let room = try await under.newRoom()
            let upload = try under.upload(in: room, expires: 100)
            _ = try await under.open(upload)
            _ = try await under.open(try under.upload(in: room, expires: 300))
            #expect(try await !under.ledger.close(upload.id, expiring: Timestamp(seconds: 100)))
            #expect(try await under.ledger.close(upload.id, expiring: Timestamp(seconds: 300)))
            #expect(try await !under.ledger.close(upload.id, expiring: Timestamp(seconds: 300)))
            #expect(try await under.ledger.upload(upload.id) == nil)
        },
        Duty("what expired is listed with the oldest first") { under in
            let room = try await under.newRoom()
            var ids: [UploadID] = []
            for (number, expires) in [(1, 30), (2, 10), (3, 20)] as [(Int, Int64)] {
                let upload = try under.upload(in: room, model: "0000000\(number)", expires: expires - 1_000_000)
                _ = try await under.open(upload)
                ids.append(upload.id)
            }
            let expired = try await under.ledger.uploads(
                expiredBefore: Timestamp(seconds: 30 - 1_000_000), limit: 1_000
            ).filter { $0.room == room }
            #expect(expired.map(\.id) == [ids[1], ids[2]])
        },
        Duty("uploads go with their room, and one of a room that is gone is not kept") { under in
            let room = try await under.newRoom()
            let upload = try under.upload(in: room)
            _ = try await under.open(upload)
            try await under.accounts.deleteRoom(room)
            #expect(try await under.ledger.upload(upload.id) == nil)
            _ = try await under.open(upload)
            #expect(try await under.ledger.upload(upload.id) == nil)
        },
    ]
}
