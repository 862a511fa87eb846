import Cryptography
import EmbeddedStorage
import RoomCore
import RoomStorage
import StorageConformance
import Synchronization
import Testing

/// Every duty of every port, kept by the embedded stores.
@Suite struct ConformanceTests {
    @Test(arguments: ManifestDuties.all)
    func recordKeepsManifests(_ duty: Duty<RecordUnderTest>) async throws {
        try await keep(duty)
    }

    @Test(arguments: AccountDuties.all)
    func recordKeepsAccounts(_ duty: Duty<RecordUnderTest>) async throws {
        try await keep(duty)
    }

    @Test(arguments: UploadDuties.all)
    func recordKeepsUploads(_ duty: Duty<LedgerUnderTest>) async throws {
        let scratch = try await ScratchRecord()
        try await duty.check(LedgerUnderTest(ledger: scratch.record, accounts: scratch.record))
        await scratch.record.close()
    }

    @Test(arguments: BlobDuties.all)
    func directoryKeepsBlobs(_ duty: Duty<any BlobStore>) async throws {
        let directory = try ScratchDirectory()
        try await duty.check(try DirectoryBlobs(at: directory.path))
    }

    @Test(arguments: FileTransferDuties.all)
    func directoryTransfersFiles(_ duty: Duty<FileTransfersUnderTest>) async throws {
        let directory = try ScratchDirectory()
        let blobs = try DirectoryBlobs(at: directory.path)
        let now: @Sendable () -> Timestamp = { Timestamp(seconds: 1_000) }
        let transfers = DirectoryTransfers(
            blobs, secret: [UInt8](repeating: 7, count: 32), base: { "http://here" }, clock: now)
        try await duty.check(
            FileTransfersUnderTest(
                transfers: transfers, blobs: blobs,
                send: { address, body in try await Self.send(address, body, to: transfers) },
                sha256: { Digest(trusted: SHA256.hex($0)) }, now: now))
    }

    @Test(arguments: LiveRoomsDuties.all)
    func processKeepsLiveRooms(_ duty: Duty<LiveRoomsUnderTest>) async throws {
        let clock = HandClock()
        let rooms = InProcessLiveRooms { clock.elapsed }
        try await duty.check(LiveRoomsUnderTest(here: rooms, there: rooms) { clock.advance(by: $0) })
    }

    @Test(arguments: HandoverDuties.all)
    func processKeepsHandovers(_ duty: Duty<HandoversUnderTest>) async throws {
        let clock = HandClock()
        let store = InProcessHandovers { clock.elapsed }
        try await duty.check(HandoversUnderTest(store) { clock.advance(by: $0) })
    }

    @Test(arguments: BackupDuties.all)
    func recordKeepsBackups(_ duty: Duty<BackupSourceUnderTest>) async throws {
        let (full, empty) = (try await ScratchRecord(), try await ScratchRecord())
        try await duty.check(
            BackupSourceUnderTest(
                source: full.record, record: RecordUnderTest(manifests: full.record, accounts: full.record),
                empty: empty.record, emptyRecord: RecordUnderTest(manifests: empty.record, accounts: empty.record)))
        await full.record.close()
        await empty.record.close()
    }

    /// Does with a sealed address what the routes of the server do.
    private static func send(
        _ address: SignedAddress, _ body: [UInt8]?, to files: any ServedFiles
    ) async throws -> PeerAnswer {
        let asked = try AskedAddress(address)
        do throws(ServedFileFault) {
            guard let body else {
                let file = try await files.open(at: asked)
                return PeerAnswer(status: 200, body: try await file.read(from: 0, count: file.size))
            }
            let arrival = try await files.receive(at: asked)
            try await arrival.write(body)
            _ = try await arrival.finish()
            return PeerAnswer(status: 200, body: [])
        } catch {
            switch error {
            case .notFound: return PeerAnswer(status: 404, body: [])
            case .forged, .expired: return PeerAnswer(status: 403, body: [])
            case .wrongSize, .wrongDigest: return PeerAnswer(status: 400, body: [])
            case .store: return PeerAnswer(status: 503, body: [])
            }
        }
    }

    private func keep(_ duty: Duty<RecordUnderTest>) async throws {
        let scratch = try await ScratchRecord()
        try await duty.check(RecordUnderTest(manifests: scratch.record, accounts: scratch.record))
        await scratch.record.close()
    }
}

/// Time that passes when a test says so.
final class HandClock: Sendable {
    private let passed = Mutex(Duration.zero)

    var elapsed: Duration { passed.withLock { $0 } }

    func advance(by duration: Duration) { passed.withLock { $0 += duration } }
}
