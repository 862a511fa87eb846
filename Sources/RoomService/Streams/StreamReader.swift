import RoomCore
import Synchronization
import WireMessages

/// One reader of a stream, at its own pace; letting go of it ends it.
package final class StreamReader: Sendable {
    private struct Turn {
        var place: StreamPlace
        var waiter: CheckedContinuation<Void, Never>?
        var isWoken = false
        var isOver = false
        var quietSeconds: Int64 = 0
        var owesKeepalive = false
    }

    let channel: StreamChannel
    /// The room of a reader that showed who it is; it reads no other room's stream.
    let room: RoomID?
    private let streams: EventStreams
    private let turn: Mutex<Turn>

    init(_ streams: EventStreams, _ channel: StreamChannel, room: RoomID?, after place: StreamPlace?) {
        self.streams = streams
        self.channel = channel
        self.room = room
        turn = Mutex(Turn(place: place ?? StreamPlace(buffer: "", number: 0)))
    }

    deinit { streams.leave(self) }

    /// What comes next, as lines to be sent; nil at the end. For one task at a time.
    package func next() async -> [UInt8]? {
        await withTaskCancellationHandler {
            while !isOver {
                if let lines = takeLines() { return lines }
                await woken()
            }
            return nil
        } onCancel: {
            end()
        }
    }

    private var isOver: Bool { turn.withLock { $0.isOver } }

    private func takeLines() -> [UInt8]? {
        let place = turn.withLock { $0.place }
        let piece = streams.piece(of: channel, after: place)
        return turn.withLock { turn in
            if let piece {
                turn.place = piece.place
                turn.quietSeconds = 0
                return piece.lines
            }
            guard turn.owesKeepalive else { return nil }
            turn.owesKeepalive = false
            return StreamEvent.keepalive
        }
    }

    private func woken() async {
        await withCheckedContinuation { continuation in
            let isReady = turn.withLock { turn in
                if turn.isWoken || turn.isOver {
                    turn.isWoken = false
                    return true
                }
                turn.waiter = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// There may be something to take.
    func wake() {
        let waiter = turn.withLock { turn -> CheckedContinuation<Void, Never>? in
            guard let waiter = turn.waiter else {
                turn.isWoken = true
                return nil
            }
            turn.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    package func end() {
        turn.withLock { $0.isOver = true }
        wake()
    }

    /// One second passed; true when the reader was quiet for long enough to be told that its connection lives.
    func turn(_ keepaliveSeconds: Int64) -> Bool {
        let isQuiet = turn.withLock { turn in
            turn.quietSeconds += 1
            guard turn.quietSeconds >= keepaliveSeconds else { return false }
            turn.quietSeconds = 0
            turn.owesKeepalive = true
            return true
        }
        if isQuiet { wake() }
        return isQuiet
    }
}

// MARK: - Coming and going

extension EventStreams {
    /// A reader of what is kept after a place, and of what comes.
    ///
    /// A stream that has all the readers it may have lets go of the one that reads longest without having shown who it
    /// is, so that nobody can shut the others out of a stream whose name is known.
    ///
    /// - Parameter room: of a reader that showed who it is; the stream must then be this room's.
    package func read(
        _ channel: StreamChannel, in room: RoomID?, after place: StreamPlace?
    ) throws(StreamRefusal) -> StreamReader {
        let reader = StreamReader(self, channel, room: room, after: place)
        let (isIn, gone) = state.withLock { state -> (Bool, StreamReader?) in
            guard !state.isClosed, state.readers < settings.readers else { return (false, nil) }
            var stream = state.streams[channel] ?? Stream()
            var gone: StreamReader?
            if stream.readers.count >= settings.readersOfOne {
                guard let place = stream.longestStranger else { return (false, nil) }
                gone = stream.readers.removeValue(forKey: place)?.reader
                state.readers -= 1
            }
            state.readers += 1
            state.lastReader += 1
            stream.readers[ObjectIdentifier(reader)] = StandingReader(
                reader: reader, number: state.lastReader, isStranger: room == nil)
            state.streams[channel] = stream
            return (true, gone)
        }
        // Out here: letting go of it in there would wait for the lock for ever.
        gone?.end()
        guard isIn else { throw .full }
        look(at: channel)
        return reader
    }

    func leave(_ reader: StreamReader) {
        state.withLock { state in
            guard var stream = state.streams[reader.channel],
                stream.readers.removeValue(forKey: ObjectIdentifier(reader)) != nil
            else { return }
            state.readers -= 1
            if stream.readers.isEmpty { state.letGo(of: &stream) }
            let isDone = stream.readers.isEmpty && !stream.isPumping && stream.waiting.isEmpty
            state.streams[reader.channel] = isDone ? nil : stream
        }
    }

    /// The lines held after a place, as many as are sent at once; nil when there are none.
    func piece(of channel: StreamChannel, after place: StreamPlace) -> (lines: [UInt8], place: StreamPlace)? {
        state.withLock { state in
            guard let stream = state.streams[channel], !stream.held.isEmpty else { return nil }
            // A place in another buffer is none in this one.
            let known = place.buffer == stream.buffer ? place.number : 0
            guard stream.newest > known else { return nil }
            var lines: [UInt8] = []
            var number = known
            for held in stream.held.drop(while: { $0.number <= known }) {
                if !lines.isEmpty, lines.count + held.lines.count > settings.pieceBytes { break }
                lines += held.lines
                number = held.number
            }
            return (lines, StreamPlace(buffer: stream.buffer, number: number))
        }
    }
}
