import EmbeddedStorage
import RedisStorage
import RoomStorage

/// What servers hold for each other for a short while lives where the live rooms do.
func handovers(beside live: any LiveRooms) -> any HandoverStore {
    if let redis = live as? RedisLiveRooms { return RedisHandovers(in: redis) }
    return InProcessHandovers(elapsed: steadyClock)
}
