import JSONWire
import RoomService
import Synchronization
import WireMessages

/// A socket that keeps what it is offered, and takes as much as a test lets it.
final class RecordingChannel: PeerChannel {
    private struct State {
        var texts: [[UInt8]] = []
        /// Frames before this one were looked at by ``next(where:)``.
        var seen = 0
        var pendingBytes = 0
        var countsBytes = false
        var isPaused = false
        var pauses = 0
        var closings: [PeerClose] = []
    }

    private let state = Mutex(State())

    var pendingBytes: Int { state.withLock { $0.pendingBytes } }

    func offer(_ text: UnsafeRawBufferPointer) { keep(Array(text)) }
    func offer(shared text: [UInt8]) { keep(text) }
    func pauseReading() {
        state.withLock { state in
            state.isPaused = true
            state.pauses += 1
        }
    }
    func resumeReading() { state.withLock { $0.isPaused = false } }
    func close(_ reason: PeerClose) { state.withLock { $0.closings.append(reason) } }

    private func keep(_ text: [UInt8]) {
        state.withLock { state in
            guard state.closings.isEmpty else { return }
            state.texts.append(text)
            if state.countsBytes { state.pendingBytes += text.count }
        }
    }
}

// MARK: - For tests

extension RecordingChannel {
    /// From now on the bytes offered stay pending on top of `bytes`.
    func stall(at bytes: Int) {
        state.withLock { state in
            state.pendingBytes = bytes
            state.countsBytes = true
        }
    }

    func flow() {
        state.withLock { state in
            state.pendingBytes = 0
            state.countsBytes = false
        }
    }

    /// Bytes pending as a test says, whatever is offered.
    func pretend(pending bytes: Int) {
        state.withLock { state in
            state.pendingBytes = bytes
            state.countsBytes = false
        }
    }

    var isPaused: Bool { state.withLock { $0.isPaused } }
    var pauses: Int { state.withLock { $0.pauses } }
    var closing: PeerClose? { state.withLock { $0.closings.first } }
    var texts: [String] { state.withLock { $0.texts.map { String(decoding: $0, as: UTF8.self) } } }
    var frames: [JSONObject] { state.withLock { $0.texts.map(Self.object) } }
    var types: [String] { frames.map { $0["type"]?.stringValue ?? "" } }

    private static func object(_ text: [UInt8]) -> JSONObject {
        (try? JSONValue.parse(text, maxDepth: 64))?.objectValue ?? ["unreadable": true]
    }

    func frames(of type: String) -> [JSONObject] { frames.filter { $0["type"]?.stringValue == type } }

    /// The next frame that a condition holds for; frames before it are passed over.
    func next(_ what: String = "frame", where condition: (JSONObject) -> Bool) async throws -> JSONObject {
        try await eventually(what) {
            state.withLock { state in
                while state.seen < state.texts.count {
                    let frame = Self.object(state.texts[state.seen])
                    state.seen += 1
                    if condition(frame) { return frame }
                }
                return nil
            }
        }
    }

    func next(type: String) async throws -> JSONObject {
        try await next(type) { $0["type"]?.stringValue == type }
    }

    /// The reply to one request, wherever it stands.
    func reply(to request: String) async throws -> JSONObject {
        try await eventually("reply to \(request)") { frames.first { $0["request_id"]?.stringValue == request } }
    }

    func closed() async throws -> PeerClose { try await eventually("close") { closing } }
}
