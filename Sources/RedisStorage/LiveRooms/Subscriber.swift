import Dispatch
import RoomCore
import RoomStorage

/// The connection that hears: it stands when every wanted channel is subscribed on it.
final class Subscriber {
    private static let channelsAtOnce = 500

    private let lane: RedisLane
    private var wanted: Set<String> = []
    /// Who waits for the server to confirm a channel, in the order they asked.
    private var waiting: [String: [() -> Void]] = [:]
    private(set) var isStanding = false

    var onMessage: (_ channel: String, _ payload: [UInt8]) -> Void = { _, _ in }
    var onStanding: () -> Void = {}
    var onDown: () -> Void = {}

    init(url: RedisURL, settings: RedisSettings, queue: DispatchQueue, find: @escaping RedisLane.Finding) {
        lane = RedisLane(url: url, settings: settings, queue: queue, find: find)
        lane.onUp = { [weak self] link, _ in self?.isUp(link) }
        lane.onDown = { [weak self] _ in self?.isDown() }
    }

    var fault: RedisFault? { isStanding ? nil : lane.fault ?? .connecting }
    var reconnects: Int { max(0, lane.timesUp - 1) }

    func start() { lane.start() }
    func stop() {
        lane.stop()
        isDown()
    }
    func drop(_ fault: RedisFault) { lane.drop(fault) }
    func hurry() { lane.hurry() }

    /// - Parameter then: called when the channel is heard, or at once when nothing can be heard now.
    func subscribe(_ channel: String, then: @escaping () -> Void) {
        wanted.insert(channel)
        guard isStanding, let link = lane.link else { return then() }
        waiting[channel, default: []].append(then)
        link.tell(RedisCommand("SUBSCRIBE", channel).bytes)
    }

    func unsubscribe(_ channel: String) {
        guard wanted.remove(channel) != nil else { return }
        lane.link?.tell(RedisCommand("UNSUBSCRIBE", channel).bytes)
    }

    private func isUp(_ link: RedisLink) {
        link.subscribe { [weak self] in self?.heard($0) }
        let channels = Array(wanted)
        for start in stride(from: 0, to: channels.count, by: Self.channelsAtOnce) {
            let part = channels[start..<min(start + Self.channelsAtOnce, channels.count)]
            link.tell(RedisCommand(words: [Array("SUBSCRIBE".utf8)] + part.map { Array($0.utf8) }).bytes)
        }
        // Answered in order: when this comes back, all channels are subscribed.
        link.tell(RedisCommand("PING", "standing").bytes)
    }

    private func isDown() {
        isStanding = false
        let callbacks = waiting.values.flatMap(\.self)
        waiting = [:]
        for then in callbacks { then() }
        onDown()
    }

    private func heard(_ message: [RedisValue]) {
        switch message.first?.text {
        case "message":
            if message.count == 3, let channel = message[1].text, let payload = message[2].bytes {
                onMessage(channel, payload)
            }
        case "subscribe": confirm(message.count > 1 ? message[1].text ?? "" : "")
        case "pong":
            if message.count > 1, message[1].text == "standing" {
                isStanding = true
                onStanding()
            }
        default: break
        }
    }

    private func confirm(_ channel: String) {
        guard var callbacks = waiting[channel], !callbacks.isEmpty else { return }
        let then = callbacks.removeFirst()
        waiting[channel] = callbacks.isEmpty ? nil : callbacks
        then()
    }
}
