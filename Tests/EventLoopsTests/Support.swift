import EventLoops
import Glibc
import Synchronization
import Testing

/// Tests that open descriptors. One after the other, for one of them lowers the process's descriptor limit.
@Suite(.serialized, .timeLimit(.minutes(1))) enum KernelTests {}

/// A value that will be there once.
final class Promise<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiting: [CheckedContinuation<Value, Never>] = []
    }

    private let state = Mutex(State())

    func keep(_ value: Value) {
        let waiting = state.withLock { state in
            guard state.value == nil else { return [CheckedContinuation<Value, Never>]() }
            state.value = value
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let value: Value? = state.withLock { state in
                    if state.value == nil { state.waiting.append(continuation) }
                    return state.value
                }
                if let value { continuation.resume(returning: value) }
            }
        }
    }
}

/// A list any thread may add to.
final class Journal<Entry: Sendable>: Sendable {
    private let kept = Mutex<[Entry]>([])
    var entries: [Entry] { kept.withLock { $0 } }
    @discardableResult
    func add(_ entry: Entry) -> Int {
        kept.withLock {
            $0.append(entry)
            return $0.count
        }
    }
}

/// A handler that does what the test says.
final class Script: StreamSocketHandler {
    var whenOpened: (StreamSocket) -> Void = { _ in }
    var whenReceived: ([UInt8], StreamSocket) -> Void = { _, _ in }
    var whenDrained: (StreamSocket) -> Void = { _ in }
    var whenEnded: (SocketEnd) -> Void = { _ in }

    func opened(_ socket: StreamSocket) { whenOpened(socket) }
    func received(_ bytes: UnsafeMutableRawBufferPointer, from socket: StreamSocket) {
        whenReceived(Array(bytes), socket)
    }
    func drained(_ socket: StreamSocket) { whenDrained(socket) }
    func ended(_ socket: StreamSocket, _ end: SocketEnd) { whenEnded(end) }

    static func echo() -> Script {
        let script = Script()
        script.whenReceived = { bytes, socket in socket.write(bytes) }
        return script
    }

    /// Gathers until `count` bytes have come.
    static func collector(_ count: Int, _ result: Promise<[UInt8]>) -> Script {
        let script = Script()
        var gathered: [UInt8] = []
        script.whenReceived = { bytes, _ in
            gathered += bytes
            if gathered.count >= count { result.keep(gathered) }
        }
        return script
    }
}

extension StreamSocket {
    func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0) } }
}

extension EventLoop {
    /// Runs `body` on the loop and brings its result.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            execute { continuation.resume(with: Result { try body() }) }
        }
    }

    func connect(to address: SocketAddress, _ script: @escaping @Sendable () -> Script) async throws -> LoopBound<
        StreamSocket
    > {
        try await run { LoopBound(try StreamSocket.connect(to: address, on: self, handler: script()), on: self) }
    }
}

extension ConnectionLimits {
    static let none = ConnectionLimits(total: .max, perAddress: .max)
}

/// Loops with a listener whose connections follow a script.
struct Harness {
    let group: EventLoopGroup
    let listener: Listener
    var address: SocketAddress { listener.boundAddress }

    init(
        loops: Int = 1, limits: ConnectionLimits = .none,
        notice: @escaping @Sendable (ListenerNotice) -> Void = { _ in },
        _ script: @escaping @Sendable () -> Script
    ) throws {
        group = try EventLoopGroup.start(count: loops, tick: .milliseconds(1))
        listener = try Listener.bind(
            to: SocketAddress("127.0.0.1:0"), on: group, limits: limits, onNotice: notice
        ) { detached, loop in
            _ = try? StreamSocket.attach(detached, to: loop, handler: script())
        }
    }

    func stop() async {
        listener.close()
        group.stop()
        await group.stopped()
    }
}

/// Bytes in which every stretch differs from its neighbours, so that loss, repetition and disorder show.
func pattern(_ count: Int, seed: UInt32 = 1) -> [UInt8] {
    var state = seed
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        for index in 0..<count {
            state = state &* 1_664_525 &+ 1_013_904_223
            buffer[index] = UInt8(state >> 24)
        }
        filled = count
    }
}

func openDescriptors() -> Set<Int32> {
    guard let directory = opendir("/proc/self/fd") else { return [] }
    defer { closedir(directory) }
    var found: Set<Int32> = []
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if let number = Int32(name), number != dirfd(directory) { found.insert(number) }
    }
    return found
}
