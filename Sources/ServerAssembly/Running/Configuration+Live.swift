import EmbeddedStorage
import Logging
import RedisStorage
import RoomStorage

extension Configuration {
    /// The live rooms that servers share, or those of this process.
    ///
    /// A Redis that is away is no reason not to start, since everything goes on without it; one that turns this program
    /// away is, because nobody would look for the cause there later.
    func openLive(_ logger: Logger) async throws -> any LiveRooms {
        guard let redisURL else { return InProcessLiveRooms(elapsed: steadyClock) }
        let address: RedisURL
        do throws(RedisURLError) {
            address = try RedisURL(redisURL)
        } catch {
            throw ConfigurationFault("SLEAP_ROOMS_REDIS_URL", "…", "\(error)")
        }
        let settings = RedisSettings(caFile: redisCAFile)
        let live = await RedisLiveRooms.open(url: address, settings: settings) { state in
            logger.log(level: state.isReachable ? .info : .warning, "live rooms", metadata: ["state": "\(state)"])
        }
        if !live.state.isReachable, let fault = await Self.fault(address, settings), fault.wantsOperator {
            await live.close()
            throw ConfigurationFault("SLEAP_ROOMS_REDIS_URL", "…", "\(fault)")
        }
        return live
    }

    private static func fault(_ address: RedisURL, _ settings: RedisSettings) async -> RedisFault? {
        do throws(RedisFault) {
            _ = try await RedisProbe.probe(url: address, settings: settings)
            return nil
        } catch {
            return error
        }
    }

    /// What `doctor` says of Redis; nil where none is set.
    func liveFault() async throws -> StartFault? {
        guard let redisURL else { return nil }
        let address: RedisURL
        do throws(RedisURLError) {
            address = try RedisURL(redisURL)
        } catch {
            throw ConfigurationFault("SLEAP_ROOMS_REDIS_URL", "…", "\(error)")
        }
        return await Self.fault(address, RedisSettings(caFile: redisCAFile)).map { fault in
            StartFault(
                "\(fault)", exitCode: fault.wantsOperator ? StartFault.badConfiguration : StartFault.unavailable)
        }
    }
}

extension RedisFault {
    /// It stays so until somebody changes the address, or Redis.
    fileprivate var wantsOperator: Bool {
        switch self {
        case .wrongPassword, .passwordNeeded, .tooOld, .insecure: true
        case .connecting, .unresolved, .unreachable, .silent, .hungUp, .notMaster, .noMaster, .refused, .misspoken,
            .overloaded, .closed:
            false
        }
    }
}
