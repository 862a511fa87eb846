import RoomCore
import RoomStorage
import Testing

@testable import RedisStorage
@testable import StorageConformance

/// Who is let in, and what is said when nobody is.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled)) struct AccessTests {
    @Test func aProbeNamesWhoAnswers() async throws {
        let server = try await RedisServer()
        let text = try await RedisProbe.probe(url: try server.url, settings: RedisSettings())
        #expect(text.hasPrefix("Redis ") && text.hasSuffix(" at 127.0.0.1:\(server.port)"))
    }

    @Test func passwordsAreCheckedAndNeverShown() async throws {
        let server = try await RedisServer(["--requirepass", "right-secret"])
        let endpoint = RedisEndpoint(host: "127.0.0.1", port: server.port)
        #expect(await fault(at: "redis://127.0.0.1:\(server.port)") == .passwordNeeded(endpoint))
        let wrong = await fault(at: "redis://:wrong-secret@127.0.0.1:\(server.port)")
        #expect(wrong == .wrongPassword(endpoint))
        #expect(!"\(wrong as Any)".contains("secret"))
        #expect(await fault(at: "redis://default:right-secret@127.0.0.1:\(server.port)/3") == nil)
        let rooms = await RedisLiveRooms.open(
            url: try RedisURL("redis://:wrong-secret@127.0.0.1:\(server.port)"), settings: RedisSettings())
        #expect(rooms.state == .away("\(RedisFault.wrongPassword(endpoint))"))
    }

    @Test func aDatabaseThatIsNotThereIsRefused() async throws {
        let server = try await RedisServer()
        guard case .refused(let text) = await fault(at: "redis://127.0.0.1:\(server.port)/9999") else {
            Issue.record("was let in")
            return
        }
        #expect(text.contains("out of range"))
    }

    @Test func whatCannotBeReachedIsNamed() async throws {
        let port = freePort()
        guard case .unreachable(let endpoint, _) = await fault(at: "redis://127.0.0.1:\(port)") else {
            Issue.record("was reached")
            return
        }
        #expect(endpoint.port == port)
        guard case .unresolved(let host, _) = await fault(at: "redis://no-such-host.invalid") else {
            Issue.record("was found")
            return
        }
        #expect(host == "no-such-host.invalid")
    }

    @Test func aReplicaIsRefused() async throws {
        let master = try await RedisServer()
        let replica = try await RedisServer(["--replicaof", "127.0.0.1", "\(master.port)"])
        #expect(
            await fault(at: "redis://127.0.0.1:\(replica.port)")
                == .notMaster(RedisEndpoint(host: "127.0.0.1", port: replica.port)))
    }

    @Test func aSilentServerIsGivenUp() async throws {
        let server = try await RedisServer()
        server.pause()
        guard case .silent = await fault(at: "redis://127.0.0.1:\(server.port)") else {
            Issue.record("was not noticed")
            return
        }
        server.resume()
    }

    @Test func databasesOfOneServerDoNotHearEachOther() async throws {
        let server = try await RedisServer()
        let zero = try await RedisLiveRooms.open(server)
        let one = await RedisLiveRooms.open(
            url: try RedisURL("redis://127.0.0.1:\(server.port)/1"), settings: RedisSettings())
        let (inbox, mine, other) = (Inbox(), ServerID("mine"), ServerID("other"))
        let listener = await one.listen(as: mine, hear: inbox.hear)
        zero.broadcast([1], from: other)
        _ = await zero.servers()
        one.broadcast([2], from: other)
        #expect(await inbox.hears(.order([2])))
        #expect(inbox.all == [.order([2])])
        listener.cancel()
    }

    @Test(.enabled(if: TestServers.variable("REDIS_TLS") != nil && TestServers.variable("REDIS_CA") != nil))
    func onlyTheRightAuthorityIsTrusted() async throws {
        let text = try #require(TestServers.variable("REDIS_TLS"))
        let authority = TestServers.variable("REDIS_CA")
        #expect(await fault(at: text, RedisSettings(caFile: authority)) == nil)
        #expect(await fault(at: text, RedisSettings(caFile: authority, serverName: "localhost")) == nil)
        for settings in [
            RedisSettings(), RedisSettings(caFile: "/nowhere"), RedisSettings(caFile: "/etc/hostname"),
            RedisSettings(caFile: authority, serverName: "other.example"),
            RedisSettings(caFile: authority, serverName: "127.0.0.2"),
        ] {
            guard case .insecure = await fault(at: text, settings) else {
                Issue.record("was trusted")
                continue
            }
        }
        let plain = text.replacing("rediss://", with: "redis://")
        #expect(await fault(at: plain, RedisSettings()) != nil)
    }

    @Test func aServerWithoutTLSIsRefusedWhereTLSIsWanted() async throws {
        let server = try await RedisServer()
        let fault = await fault(at: "rediss://127.0.0.1:\(server.port)")
        #expect(fault != nil)
    }

    private func fault(at text: String, _ settings: RedisSettings = RedisSettings()) async -> RedisFault? {
        do throws(RedisFault) {
            guard let url = try? RedisURL(text) else { return .closed }
            _ = try await RedisProbe.probe(url: url, settings: settings)
            return nil
        } catch { return error }
    }
}
