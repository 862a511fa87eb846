import JSONWire
import RoomCore
import RoomService

/// The `bootstrap` command.
package enum Bootstrapping {
    package static func run(
        _ configuration: Configuration, user: String, room: String, worker: String?
    ) async throws -> StarterReport {
        guard UserID.isValid(user) else { throw StartFault("--user: \(UserID.rule)", exitCode: 64) }
        guard RoomName.isValid(room) else { throw StartFault("--room: \(RoomName.rule)", exitCode: 64) }
        let workerName = try worker.map { text in
            guard let name = WorkerName(text) else { throw StartFault("--worker: \(WorkerName.rule)", exitCode: 64) }
            return name
        }
        let parts = try await Parts.open(configuration)
        let starter = try await parts.accounts(closing: nil)
            .bootstrap(username: user, roomName: room, worker: workerName)
        await parts.record.close()
        return StarterReport(starter: starter)
    }
}

/// What `bootstrap` prints.
package struct StarterReport: Sendable {
    let starter: Starter

    package var json: String {
        var object: JSONObject = [
            "user_id": .string(starter.user.id.text), "username": .string(starter.user.username),
            "jwt": .string(starter.jwt), "account_key": .string(starter.accountKey),
            "room_id": .string(starter.room.id.text), "room_name": .string(starter.room.name),
        ]
        if let token = starter.workerToken { object["worker_token"] = .string(token) }
        return String(decoding: JSONValue.object(object).encoded(), as: UTF8.self)
    }

    package var text: String {
        """
        user          \(starter.user.username) (\(starter.user.id)), \(starter.role.rawValue) of the room
        room          \(starter.room.name) (\(starter.room.id))
        jwt           \(starter.jwt)
        account key   \(starter.accountKey)
        worker token  \(starter.workerToken ?? "none; ask with --worker NAME")

        """
    }
}
