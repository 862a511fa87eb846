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

    private static let one = VerificationID("one")
    private static let two = VerificationID("two")

    /// What is being verified is known to all, also when its server is gone.
    static let verifying: [Duty<LedgerUnderTest>] = [
        Duty("a verification that stopped is listed until it came to an end") { under in
            let room = try await under.newRoom()
            let upload = try under.upload(in: room, expires: 100)
            _ = try await under.open(upload)
            let ledger = under.ledger
            let (start, late) = (Timestamp(seconds: -90), Timestamp(seconds: -50))
            #expect(try await under.unverified(late, in: room).isEmpty)
            let mark = try await ledger.noteVerifying(
                upload.id, by: one, until: Timestamp(seconds: -70), keeping: Timestamp(seconds: 200), at: start)
            #expect(mark == .noted)
            #expect(try await under.unverified(Timestamp(seconds: -70), in: room).isEmpty)
            #expect(try await under.unverified(late, in: room) == [upload.renewed(until: Timestamp(seconds: 200))])
            #expect(
                try await ledger.renewVerifying(
                    upload.id, by: one, until: Timestamp(seconds: -40), keeping: Timestamp(seconds: 150), at: start))
            #expect(try await under.unverified(late, in: room).isEmpty)
            #expect(try await ledger.upload(upload.id)?.expiresAt == Timestamp(seconds: 200))
            try await ledger.noteVerified(upload.id, by: one)
            #expect(try await under.unverified(Timestamp(seconds: 0), in: room).isEmpty)
        },
        Duty("what is gone or expired is not verified") { under in
            let upload = try under.upload(in: try await under.newRoom(), expires: 100)
            let (at, until) = (Timestamp(seconds: 100), Timestamp(seconds: 120))
            let ledger = under.ledger
            #expect(
                try await ledger.noteVerifying(upload.id, by: one, until: until, keeping: until, at: at) == .gone)
            _ = try await under.open(upload)
            #expect(
                try await ledger.noteVerifying(upload.id, by: one, until: until, keeping: until, at: at) == .gone)
            let before = Timestamp(seconds: 99)
            #expect(
                try await ledger.noteVerifying(upload.id, by: one, until: until, keeping: before, at: before) == .noted)
            #expect(try await !ledger.renewVerifying(upload.id, by: one, until: until, keeping: until, at: at))
            try await ledger.noteVerified(upload.id, by: one)
        },
        Duty("of sixteen attempts to verify one upload at once, one is noted") { under in
            let upload = try under.upload(in: try await under.newRoom(), expires: 1_000)
            _ = try await under.open(upload)
            let (now, until) = (Timestamp(seconds: 100), Timestamp(seconds: 120))
            let marks = try await sideBySide(16) { number in
                try await under.ledger.noteVerifying(
                    upload.id, by: VerificationID("attempt-\(number)"), until: until, keeping: until, at: now)
            }
            #expect(marks.filter { $0 == .noted }.count == 1 && marks.filter { $0 == .taken }.count == 15)
        },
        Duty("an attempt whose term is over is followed by another, and then has no say") { under in
            let upload = try under.upload(in: try await under.newRoom(), expires: 1_000)
            _ = try await under.open(upload)
            let ledger = under.ledger
            func mark(_ attempt: VerificationID, at now: Int64) async throws -> VerifyingMark {
                try await ledger.noteVerifying(
                    upload.id, by: attempt, until: Timestamp(seconds: now + 20), keeping: Timestamp(seconds: now + 20),
                    at: Timestamp(seconds: now))
            }
            func renew(_ attempt: VerificationID, at now: Int64) async throws -> Bool {
                try await ledger.renewVerifying(
                    upload.id, by: attempt, until: Timestamp(seconds: now + 20), keeping: Timestamp(seconds: now + 20),
                    at: Timestamp(seconds: now))
            }
            #expect(try await mark(one, at: 100) == .noted)
            #expect(try await mark(two, at: 119) == .taken)
            // One that is late and alone goes on.
            #expect(try await renew(one, at: 130))
            #expect(try await mark(two, at: 150) == .noted)
            #expect(try await !renew(one, at: 151))
            try await ledger.noteVerified(upload.id, by: one)
            #expect(try await mark(one, at: 152) == .taken)
            try await ledger.noteVerified(upload.id, by: two)
            #expect(try await !renew(one, at: 153))
            #expect(try await mark(one, at: 154) == .noted)
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
