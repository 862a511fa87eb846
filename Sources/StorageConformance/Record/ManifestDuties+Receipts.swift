import RoomCore
import RoomStorage
import Testing

extension ManifestDuties {
    static let receipts: [Duty<RecordUnderTest>] = [
        Duty("a receipt is kept in the commit of its change") { record in
            let room = try await record.newRoom()
            let given = receipt(room, key: "k", answer: [1, 0, 255])
            try await record.expectCommitted(room, after: 0, [change(1)], receipts: [given])
            #expect(try await record.manifests.receipt(for: given.key, notBefore: moment(0)) == given)
        },
        Duty("receipts may be kept without a change") { record in
            let room = try await record.newRoom(changes: 1)
            let given = [receipt(room, key: "a"), receipt(room, key: "b", answer: [])]
            try await record.expectCommitted(room, after: 1, [], receipts: given)
            for receipt in given {
                #expect(try await record.manifests.receipt(for: receipt.key, notBefore: moment(0)) == receipt)
            }
            #expect(try await record.manifests.head(of: room)?.revision == Revision(1))
        },
        Duty("a receipt is found by room, credential and key together") { record in
            let room = try await record.newRoom()
            let other = try await record.newRoom()
            try await record.expectCommitted(room, after: 0, [], receipts: [receipt(room, key: "k", by: "one")])
            for absent in [
                receipt(other, key: "k", by: "one"), receipt(room, key: "K", by: "one"),
                receipt(room, key: "k", by: "two"),
            ] {
                #expect(try await record.manifests.receipt(for: absent.key, notBefore: moment(0)) == nil)
            }
        },
        Duty("empty and foreign receipt keys are kept apart") { record in
            let room = try await record.newRoom()
            let given = [
                receipt(room, key: "", by: "", answer: [1]), receipt(room, key: "ключ", by: "🗝", answer: [2]),
            ]
            try await record.expectCommitted(room, after: 0, [], receipts: given)
            for receipt in given {
                #expect(try await record.manifests.receipt(for: receipt.key, notBefore: moment(0)) == receipt)
            }
        },
        Duty("a receipt too old is not given, and a new one takes its place") { record in
            let room = try await record.newRoom()
            let old = receipt(room, key: "k", at: moment(10), answer: [1])
            try await record.expectCommitted(room, after: 0, [change(1)], receipts: [old])
            #expect(try await record.manifests.receipt(for: old.key, notBefore: moment(10)) == old)
            #expect(try await record.manifests.receipt(for: old.key, notBefore: moment(11)) == nil)
            let new = receipt(room, key: "k", at: moment(20), answer: [2])
            try await record.expectCommitted(room, after: 1, [change(2)], receipts: [new])
            #expect(try await record.manifests.receipt(for: old.key, notBefore: moment(11)) == new)
        },
        Duty("receipts older than a moment are forgotten") { record in
            let room = try await record.newRoom()
            let limit = Timestamp(seconds: 1_000)
            let old = receipt(room, key: "old", at: Timestamp(seconds: 999))
            let kept = receipt(room, key: "kept", at: limit)
            try await record.expectCommitted(room, after: 0, [], receipts: [old, kept])
            try await record.manifests.forgetReceipts(before: limit)
            #expect(try await record.manifests.receipt(for: old.key, notBefore: Timestamp(seconds: 0)) == nil)
            #expect(try await record.manifests.receipt(for: kept.key, notBefore: Timestamp(seconds: 0)) == kept)
        },
    ]
}
