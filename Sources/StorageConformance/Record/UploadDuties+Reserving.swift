import RoomCore
import RoomStorage
import Testing

extension UploadDuties {
    /// What is open counts against a room's quota, exactly.
    static let reserving: [Duty<LedgerUnderTest>] = [
        Duty("of uploads that together are too much, asked for at once, as many are opened as fit") { under in
            let room = try await under.newRoom()
            let quota = UploadQuota(bytes: 100, models: 0, standing: [:])
            let opened = try await sideBySide(16) { number in
                let upload = try under.upload(in: room, model: "000000\(number + 10)", paths: ["a.h5"], size: 30)
                return try await under.ledger.open(upload, within: quota).isOpened
            }
            #expect(opened.filter { $0 }.count == 3)
            #expect(try await under.ledger.uploads(in: room).count == 3)
        },
        Duty("of models that are too many, asked for at once, as many are opened as fit") { under in
            let room = try await under.newRoom()
            let quota = UploadQuota(bytes: 0, models: 5, standing: [ModelID(trusted: "0000000a"): 0])
            let opened = try await sideBySide(16) { number in
                let upload = try under.upload(in: room, model: "000000\(number + 10)", paths: ["a.h5"], size: 30)
                return try await under.ledger.open(upload, within: quota).isOpened
            }
            #expect(opened.filter { $0 }.count == 4)
        },
        Duty("a full room says what it uses, and nothing is opened or closed") { under in
            let room = try await under.newRoom()
            let other = ModelID(trusted: "0000000a")
            let standing = try under.upload(in: room, paths: ["a.h5"], size: 50)
            _ = try await under.open(standing)
            let quota = UploadQuota(bytes: 100, models: 0, standing: [other: 20])
            let wanted = try under.upload(in: room, model: "00000002", paths: ["a.h5"], size: 31)
            #expect(try await under.ledger.open(wanted, within: quota) == .full(RoomUse(bytes: 70, models: 2)))
            let larger = try under.upload(in: room, paths: ["a.h5", "b.h5"], size: 50)
            #expect(try await under.ledger.open(larger, within: quota) == .full(RoomUse(bytes: 20, models: 1)))
            #expect(try await under.ledger.uploads(in: room) == [standing])
            let fitting = try under.upload(in: room, model: "00000002", paths: ["a.h5"], size: 30)
            #expect(try await under.ledger.open(fitting, within: quota).isOpened)
        },
        Duty("a model counts once, with the larger of what it has and what it takes in") { under in
            let room = try await under.newRoom()
            _ = try await under.open(try under.upload(in: room, paths: ["a.h5"], size: 50))
            let standing = [ModelID(trusted: "00000001"): 60, ModelID(trusted: "00000002"): 7]
            let quota = UploadQuota(bytes: 100, models: 0, standing: standing)
            let wanted = try under.upload(in: room, model: "00000002", paths: ["a.h5"], size: 41)
            #expect(try await under.ledger.open(wanted, within: quota) == .full(RoomUse(bytes: 60, models: 1)))
            let fitting = try under.upload(in: room, model: "00000002", paths: ["a.h5"], size: 40)
            #expect(try await under.ledger.open(fitting, within: quota).isOpened)
        },
        Duty("what expired, was closed or replaced is free again") { under in
            let room = try await under.newRoom()
            let quota = UploadQuota(bytes: 100, models: 1, standing: [:])
            let expired = try under.upload(in: room, model: "00000001", paths: ["a.h5"], expires: 0, size: 80)
            #expect(try await under.ledger.open(expired, within: quota).isOpened)
            let first = try under.upload(in: room, model: "00000002", paths: ["a.h5"], size: 80)
            #expect(try await under.ledger.open(first, within: quota).isOpened)
            let second = try under.upload(in: room, model: "00000003", paths: ["a.h5"], size: 80)
            #expect(try await !under.ledger.open(second, within: quota).isOpened)
            #expect(try await under.ledger.close(first.id, expiring: first.expiresAt))
            #expect(try await under.ledger.open(second, within: quota).isOpened)
            let other = try under.upload(in: room, model: "00000003", paths: ["b.h5"], size: 100)
            let replaced = try await under.ledger.open(other, within: quota)
            #expect(replaced == .opened(OpenedUpload(upload: other, replaced: second)))
        },
    ]

    /// What is being verified is known to all, also when its server is gone.
    static let verifying: [Duty<LedgerUnderTest>] = [
        Duty("a verification that stopped is listed until it came to an end") { under in
            let room = try await under.newRoom()
            let upload = try under.upload(in: room, expires: 100)
            _ = try await under.open(upload)
            let ledger = under.ledger
            let (start, late) = (Timestamp(seconds: -90), Timestamp(seconds: -50))
            #expect(try await under.unverified(late, in: room).isEmpty)
            #expect(
                try await ledger.noteVerifying(
                    upload.id, until: Timestamp(seconds: -70), keeping: Timestamp(seconds: 200), at: start))
            #expect(try await under.unverified(Timestamp(seconds: -70), in: room).isEmpty)
            #expect(try await under.unverified(late, in: room) == [upload.renewed(until: Timestamp(seconds: 200))])
            #expect(
                try await ledger.noteVerifying(
                    upload.id, until: Timestamp(seconds: -40), keeping: Timestamp(seconds: 150), at: start))
            #expect(try await under.unverified(late, in: room).isEmpty)
            #expect(try await ledger.upload(upload.id)?.expiresAt == Timestamp(seconds: 200))
            try await ledger.noteVerified(upload.id)
            #expect(try await under.unverified(Timestamp(seconds: 0), in: room).isEmpty)
        },
        Duty("what is gone or expired is not verified") { under in
            let upload = try under.upload(in: try await under.newRoom(), expires: 100)
            let (at, until) = (Timestamp(seconds: 100), Timestamp(seconds: 120))
            #expect(try await !under.ledger.noteVerifying(upload.id, until: until, keeping: until, at: at))
            _ = try await under.open(upload)
            #expect(try await !under.ledger.noteVerifying(upload.id, until: until, keeping: until, at: at))
            try await under.ledger.noteVerified(upload.id)
        },
        Duty("parts are known while an upload has them") { under in
            let upload = try under.upload(in: try await under.newRoom())
            let parts = PartsID("parts-\(upload.id.text)")
            _ = try await under.open(upload)
            #expect(try await !under.ledger.knows(parts))
            _ = try await under.ledger.noteParts(parts, of: "a.yaml", in: upload.id, expecting: nil)
            #expect(try await under.ledger.knows(parts))
            _ = try await under.ledger.close(upload.id, expiring: upload.expiresAt)
            #expect(try await !under.ledger.knows(parts))
        },
    ]
}

extension UploadOpening {
    fileprivate var isOpened: Bool {
        if case .opened = self { true } else { false }
    }
}

extension LedgerUnderTest {
    fileprivate func unverified(_ moment: Timestamp, in room: RoomID) async throws -> [Upload] {
        try await ledger.uploads(unverifiedSince: moment, limit: 1_000).filter { $0.room == room }
    }
}
