import Glibc
import RoomCore
import RoomStorage
import Testing

@testable import RedisStorage
@testable import StorageConformance

/// The servers this run was given.
enum TestServers {
    static func variable(_ name: String) -> String? {
        guard let value = getenv("SLEAP_ROOMS_TEST_\(name)"), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// Patient: duties are about what is kept, also on a machine that is busy with other things.
    static func settings(for variable: String) -> RedisSettings {
        var settings = RedisSettings(caFile: variable == "REDIS_TLS" ? Self.variable("REDIS_CA") : nil)
        settings.connectTimeout = .seconds(20)
        settings.answerTimeout = .seconds(20)
        return settings
    }

    static func open(_ name: String) async throws -> RedisLiveRooms {
        let text = try #require(variable(name))
        let rooms = await RedisLiveRooms.open(url: try RedisURL(text), settings: settings(for: name))
        try #require(rooms.state == .reachable)
        return rooms
    }

    /// One set of live rooms as two servers see it.
    static func pair(_ name: String) async throws -> LiveRoomsUnderTest {
        let (here, there) = (try await open(name), try await open(name))
        return LiveRoomsUnderTest(here: here, there: there) { try await Task.sleep(for: $0) }
    }
}

extension RedisLiveRooms {
    static func open(_ server: RedisServer) async throws -> RedisLiveRooms {
        await open(url: try server.url, settings: RedisSettings())
    }

    /// Sends any command along.
    func command(_ words: String...) async -> String {
        await withCheckedContinuation { continuation in
            engine.submit { engine in
                engine.commands.send(RedisCommand(words: words.map { Array($0.utf8) })) { result in
                    continuation.resume(returning: "\(result)")
                }
            }
        }
    }

    /// Waits for a state, or ten seconds.
    func becomes(_ isWanted: (StoreState) -> Bool) async -> Bool {
        for _ in 0..<500 {
            if isWanted(state) { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }
}
