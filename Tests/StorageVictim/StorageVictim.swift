import EmbeddedStorage
import Glibc
import RoomCore
import RoomStorage

/// Appends to the record it is given and prints every acknowledged revision, until it is killed.
///
/// `StorageVictim <record file> <rooms>` writes lines of `<room number> <revision>`.
@main struct StorageVictim {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]) else { exit(2) }
        let record = try await SQLiteRecord.open(at: arguments[1], moment: Timestamp(seconds: 1)) { "\($0.count)" }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<count { group.addTask { await append(to: number, of: record) } }
        }
        exit(1)
    }

    private static func append(to number: Int, of record: SQLiteRecord) async {
        do {
            let room = RoomID(trusted: "room-\(number)")
            guard let head = try await record.head(of: room) else { return }
            var base = head.revision
            let body = [UInt8](repeating: UInt8(number), count: 700)
            while true {
                let change = StoredChange(
                    revision: base.successor, at: Timestamp(seconds: Int64(base.number)), kind: "published",
                    model: ModelID(trusted: "00000001"), otherModel: nil, alias: nil, body: body)
                let request = AppendRequest(
                    room: room, epoch: head.epoch, base: base, changes: [change], receipts: [])
                guard case .committed = try await record.append(request) else { return }
                base = base.successor
                acknowledge("\(number) \(base)\n")
            }
        } catch {
            return
        }
    }

    /// One call to the system, so that a line is out before the next append and never mixed with another.
    private static func acknowledge(_ line: String) {
        var line = line
        _ = line.withUTF8 { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
