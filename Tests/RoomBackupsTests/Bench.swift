import Cryptography
import EmbeddedStorage
import FoundationEssentials
import Glibc
import Logging
import RoomCore
import RoomStorage
import Synchronization
import Testing

@testable import RoomBackups

/// A record and a bucket in a directory of a test's own, and a clock that goes when the test says so.
final class Bench: Sendable {
    let path: String
    let record: SQLiteRecord
    let blobs: any BlobStore
    private let now = Mutex(Timestamp(seconds: 1_800_000_000))

    convenience init(_ bucket: Bucket = .directory) async throws { try await self.init(bucket, nil) }

    private init(_ kind: Bucket, _ bucket: (any BlobStore)?) async throws {
        var template = Array("/tmp/room-backups-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        record = try await SQLiteRecord.open(
            at: "\(path)/record.sqlite", moment: Timestamp(seconds: 1), sha256: { SHA256.hex($0) })
        if let bucket { blobs = bucket } else { blobs = try await kind.make(below: path) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var clock: @Sendable () -> Timestamp { { self.now.withLock { $0 } } }
    func advance(_ seconds: Int64) { now.withLock { $0 = $0.advanced(bySeconds: seconds) } }

    /// An empty record, over the same bucket.
    func wiped() async throws -> Bench { try await Bench(.directory, blobs) }

    func writer(
        _ server: String = "one", settings: BackupSettings = BackupSettings(), adopts: Bool = false,
        over other: (any BlobStore)? = nil
    ) -> BackupWriter {
        BackupWriter(
            blobs: other ?? blobs, source: record, manifests: record, installation: installation(adopts: adopts),
            server: ServerID(server), settings: settings, clock: clock,
            logger: Logger(label: "test") { _ in
                SwiftLogNoOpLogHandler()
            })
    }

    func installation(adopts: Bool = false) -> Installation {
        Installation(blobs, record, adopts: adopts) { String(UInt64.random(in: 1 ... .max), radix: 16) }
    }

    var reader: BackupReader { BackupReader(blobs) }

    var restorer: Restorer {
        Restorer(
            blobs, source: record, manifests: record,
            name: { _ in String(UInt64.random(in: 1 ... .max), radix: 16) }, tell: { _ in })
    }

    func index(_ room: RoomID) async throws -> RoomIndex { try #require(try await reader.index(of: room)) }

    func load(_ key: BlobKey) async throws -> [UInt8] { try #require(try await blobs.load(key)) }

    /// The record's room, folded.
    func manifest(_ room: RoomID) async throws -> Manifest {
        let snapshot = try await record.snapshot(of: room, atOrBefore: nil)
        let head = try #require(try await record.head(of: room))
        var manifest =
            try snapshot.map { try Manifest(recorded: $0.body) }
            ?? Manifest(room: room, epoch: head.epoch, updatedAt: Timestamp(seconds: 0))
        for stored in try await record.changes(of: room, after: manifest.revision, limit: 100_000, subject: nil) {
            manifest.apply(try Change(recorded: stored.body))
        }
        #expect(manifest.revision == head.revision)
        return manifest
    }
}

// MARK: - Rooms

extension Bench {
    func makeRoom(_ id: String = "room-1") async throws -> RoomID {
        let user = try await record.ensureUser(
            User(id: UserID(trusted: "u1"), username: "alice", createdAt: Timestamp(seconds: 1)))
        let room = RoomID(trusted: id)
        try await record.createRoom(
            RoomRecord(
                id: room, name: "lab", createdBy: user.id, createdAt: Timestamp(seconds: 2), expiresAt: nil),
            epoch: Epoch(trusted: "first"))
        return room
    }

    /// Publishes models one by one, each at the clock's moment.
    func publish(_ count: Int, in room: RoomID) async throws {
        let head = try #require(try await record.head(of: room))
        let changes = (1...count).map { offset in
            Self.publication(head.revision.number + offset, at: clock())
        }
        let outcome = try await record.append(
            AppendRequest(room: room, epoch: head.epoch, base: head.revision, changes: changes, receipts: []))
        #expect(outcome == .committed)
    }

    static func publication(_ revision: Int, at moment: Timestamp) -> StoredChange {
        let digits = String(revision, radix: 16)
        let id = String(repeating: "0", count: 8 - digits.count) + digits
        let model = try? Model(recorded: [
            "id": .string(id), "name": .string("m\(revision)"), "version": 1, "status": "completed",
            "alias": nil, "aliases": .array(revision % 3 == 0 ? [.string("alias-\(revision)")] : []), "tags": [],
            "published_by": "u1", "published_at": .string(moment.description), "source": "client-upload", "files": [],
            "training": [:], "metrics": ["loss": 0.5], "hyperparameters": [:],
            "storage": ["s3": nil, "wandb_artifact": nil, "state": "none"], "revision": .integer(revision),
            "created_revision": .integer(revision), "protected": false, "copies": [],
        ])
        guard let model else { preconditionFailure("the test's model is one") }
        let change = Change(
            revision: Revision(revision), at: moment, actor: UserID(trusted: "u1"), kind: .published, before: nil,
            after: ModelEntry(model))
        return StoredChange(change, body: change.recorded())
    }
}

/// The models as they are, wherever they live.
func contents(_ manifest: Manifest) -> [ModelID: [UInt8]] { manifest.models.mapValues { $0.recorded() } }
