import RoomCore
import Testing

/// A model's files in the store: decided like any other change.
@Suite struct StorageTests {
    private static let files = [
        ModelFile(path: "best.ckpt", size: 10, sha256: Digest.of("a")),
        ModelFile(path: "config.yaml", size: 5, sha256: Digest.of("b")),
    ]
    private static let id = ModelID(trusted: "00000001")

    private func room(files: [ModelFile]? = files) throws -> Room {
        var room = Room()
        let publication = Publication.of("00000001", digest: files == nil ? nil : "d") { $0.files = files }
        _ = try room.decide(.publish(publication))
        return room
    }

    private func report(_ outcome: StorageReport.Outcome, _ files: [ModelFile] = files) -> WriteRequest {
        .storage(StorageReport(model: Self.id, files: files, outcome: outcome))
    }

    private let stored = StorageReport.Outcome.stored(folder: "s3://bucket/models/", digest: Digest.of("d"))

    @Test func anUploadGoesFromUploadingToStoredByChangesOfTheirKinds() throws {
        var room = try room()
        #expect(try room.decide(report(.uploading)).change?.kind == .updated)
        #expect(try room.model("00000001").storage.state == .uploading)
        let decision = try room.decide(report(stored))
        #expect(decision.change?.kind == .stored)
        #expect(try room.model("00000001").storage.s3 == "s3://bucket/models/")
        #expect(try room.decide(report(stored)).change == nil)
    }

    @Test func onlyAStoredModelBecomesMissingAndOnlyAnUploadIsAbandoned() throws {
        var room = try room()
        #expect(try room.decide(report(.missing)).change == nil)
        #expect(try room.decide(report(.abandoned)).change == nil)
        _ = try room.decide(report(stored))
        #expect(try room.decide(report(.abandoned)).change == nil)
        #expect(try room.decide(report(.missing)).change?.kind == .missing)
        #expect(try room.model("00000001").storage.state == .missing)
        #expect(try room.decide(report(stored)).change?.kind == .stored)
    }

    @Test func aModelWithoutFilesTakesThoseThatWereStored() throws {
        var room = try room(files: nil)
        _ = try room.decide(report(stored))
        let model = try room.model("00000001")
        #expect(model.files == Self.files)
        #expect(model.digest == Digest.of("d"))
        #expect(model.sizeBytes == 15)
    }

    @Test func aReportAboutOtherFilesIsTooLate() throws {
        var room = try room()
        let other = [ModelFile(path: "best.ckpt", size: 11, sha256: Digest.of("c"))]
        #expect(throws: Refusal.self) { try room.decide(report(stored, other)) }
        #expect(try room.model("00000001").storage.state == .none)
    }

    @Test func aWithdrawnModelKeepsItsStorage() throws {
        var room = try room()
        _ = try room.decide(report(stored))
        _ = try room.withdraw("00000001")
        #expect(try room.decide(report(.missing)).change?.kind == .missing)
    }

    @Test func aWorkerStoresWhatItPublishedOrHoldsAndNothingElse() throws {
        let room = try room()
        let model = try room.model("00000001")
        try StoragePolicy.check(Room.owner, mayStore: model)
        try StoragePolicy.check(Room.member, mayStore: model)
        #expect(throws: Refusal.self) { try StoragePolicy.check(Room.viewer, mayStore: model) }
        let stranger = Actor(
            user: UserID(trusted: "9"), username: "eve", role: .workerToken(of: .publisher),
            worker: WorkerName(trusted: "gpu-9"))
        #expect(throws: Refusal.self) { try StoragePolicy.check(stranger, mayStore: model) }
        var holding = model
        holding.copies = [ModelCopy(worker: WorkerName(trusted: "gpu-9"), path: nil, lastSeen: Timestamp(seconds: 1))]
        try StoragePolicy.check(stranger, mayStore: holding)
    }

    @Test(arguments: [
        ("a.ckpt", true), ("d/e.H5", true), ("a.tar.pt", true), ("a.sh", false), ("ckpt", false), (".ckpt", false),
        ("a.ckpt/b", false), ("a.ckpt.exe", false),
    ])
    func onlyCheckpointAndConfigFilesAreStorable(_ path: String, _ isStorable: Bool) {
        #expect(StoragePolicy.isStorable(path) == isStorable)
    }
}
