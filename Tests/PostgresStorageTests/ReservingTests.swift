import PostgresStorage
import RoomCore
import RoomStorage
import Testing

extension PostgresTests {
    /// Uploads asked for on two servers of one database.
    @Suite struct ReservingTests {
        @Test func twoServersTogetherOpenAsMuchAsFits() async throws {
            let database = try ScratchDatabase()
            let servers = [try await database.open(), try await database.open()]
            for round in 0..<8 {
                let room = RoomID(trusted: "room-\(round)")
                try await servers[0].createRoom(
                    RoomRecord(
                        id: room, name: "room", createdBy: UserID(trusted: "somebody"),
                        createdAt: Timestamp(seconds: 0), expiresAt: nil),
                    epoch: Epoch(trusted: "first"))
                let opened = try await withThrowingTaskGroup(of: Bool.self) { tasks in
                    for number in 0..<12 {
                        let server = servers[number % 2]
                        tasks.addTask { try await Self.isOpened(number, in: room, on: server) }
                    }
                    return try await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(opened == 3)
                #expect(try await servers[1].uploads(in: room).count == 3)
            }
            for server in servers { await server.close() }
        }

        private static func hex(_ room: RoomID, _ number: Int) -> String {
            let digits = "\(room)\(number)".utf8.filter { (0x30...0x39).contains($0) }
            let text = String(decoding: digits, as: UTF8.self)
            return String(repeating: "f", count: 32 - text.utf8.count) + text
        }

        private static func isOpened(_ number: Int, in room: RoomID, on server: PostgresRecord) async throws -> Bool {
            let model = ModelID(trusted: "000000\(number + 10)")
            let key = try #require(BlobKey("models/\(room)/\(model)/a.h5"))
            let digest = Digest(trusted: String(repeating: "0f", count: 32))
            let upload = Upload(
                id: UploadID(trusted: Self.hex(room, number)), room: room,
                model: model, startedBy: UserID(trusted: "somebody"), createdAt: Timestamp(seconds: 1),
                expiresAt: Timestamp(seconds: 100),
                files: [UploadFile(file: ModelFile(path: "a.h5", size: 30, sha256: digest), key: key, parts: nil)])
            let quota = UploadQuota(bytes: 100, models: 0, standing: [:])
            if case .opened = try await server.open(upload, within: quota) { return true }
            return false
        }
    }
}
