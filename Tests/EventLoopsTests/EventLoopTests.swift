import EventLoops
import Glibc
import Testing

extension KernelTests {
    @Suite struct EventLoopTests {
        @Test func workFromManyThreadsRunsCompleteAndInEachThreadsOrder() async throws {
            let loop = try EventLoop.start(label: "test")
            let ran = Journal<(thread: Int, number: Int)>()
            await withTaskGroup(of: Void.self) { group in
                for thread in 0..<4 {
                    group.addTask {
                        for number in 0..<5000 { loop.execute { ran.add((thread, number)) } }
                    }
                }
            }
            try await loop.run {}
            for thread in 0..<4 {
                #expect(ran.entries.filter { $0.thread == thread }.map(\.number) == Array(0..<5000))
            }
            loop.stop()
            await loop.stopped()
        }

        @Test func workWakesASleepingLoopEveryTime() async throws {
            let loop = try EventLoop.start(label: "test")
            for number in 0..<2000 { #expect(try await loop.run { number } == number) }
            loop.stop()
            await loop.stopped()
        }

        @Test func onlyTheLoopsThreadIsCurrent() async throws {
            let (loop, other) = (try EventLoop.start(label: "a"), try EventLoop.start(label: "b"))
            #expect(!loop.isCurrent)
            #expect(try await loop.run { loop.isCurrent && !other.isCurrent })
            for loop in [loop, other] {
                loop.stop()
                await loop.stopped()
            }
        }

        @Test func timersFireInOrderAndCancelledOnesNever() async throws {
            let loop = try EventLoop.start(label: "test", tick: .milliseconds(1))
            let fired = Journal<Int>()
            let done = Promise<Bool>()
            try await loop.run {
                let start = loop.now
                for delay in [30, 5, 90, 10, 70] {
                    loop.schedule(after: .milliseconds(delay)) {
                        fired.add(delay)
                        if loop.now - start < UInt64(delay) * 1_000_000 { Issue.record("A timer fired early.") }
                        if delay == 90 { done.keep(true) }
                    }
                }
                let cancelled = loop.schedule(after: .milliseconds(20)) { fired.add(20) }
                cancelled.cancel()
                let late = loop.schedule(after: .milliseconds(80)) { fired.add(80) }
                loop.schedule(after: .milliseconds(40)) { late.cancel() }
            }
            #expect(await done.value)
            #expect(fired.entries == [5, 10, 30, 70, 90])
            loop.stop()
            await loop.stopped()
        }

        @Test func turnEndHooksRunBeforeTheTurnsWritesLeave() async throws {
            let pending = Promise<Int>()
            let harness = try Harness {
                let script = Script()
                script.whenReceived = { _, socket in
                    socket.write([1])
                    socket.loop.atTurnEnd {
                        socket.write([2])
                        pending.keep(socket.pendingBytes)
                    }
                }
                return script
            }
            let returned = Promise<[UInt8]>()
            _ = try await harness.group.next().connect(to: harness.address) {
                let script = Script.collector(2, returned)
                script.whenOpened = { $0.write([0]) }
                return script
            }
            #expect(await pending.value == 2)
            #expect(await returned.value == [1, 2])
            await harness.stop()
        }

        @Test func actorOfTheLoopIsEnteredByAssumeIsolatedAndByAwait() async throws {
            let loop = try EventLoop.start(label: "test", tick: .milliseconds(1))
            let counter = Counter(loop)
            #expect(try await loop.run { counter.assumeIsolated { $0.add(1) } } == 1)
            #expect(await counter.add(2) == 3)
            #expect(await counter.runsOnItsLoop)
            // A timer set by the actor comes back into it.
            #expect(await counter.afterATimer() == 13)
            loop.stop()
            await loop.stopped()
        }

        @Test func workAndActorsOfAStoppedLoopStillRun() async throws {
            let loop = try EventLoop.start(label: "test")
            let counter = Counter(loop)
            loop.stop()
            await loop.stopped()
            #expect(await counter.add(4) == 4)
            #expect(try await loop.run { loop.isCurrent })
            let client = Script.self
            await #expect(throws: LoopFault.stopped) {
                _ = try await loop.connect(to: SocketAddress("127.0.0.1:1")) { client.init() }
            }
        }

        @Test func touchingALoopBoundValueElsewhereTraps() async throws {
            await #expect(processExitsWith: .failure) {
                let loop = try EventLoop.start(label: "test")
                let bound = try await withCheckedThrowingContinuation {
                    (continuation: CheckedContinuation<LoopBound<Int>, any Error>) in
                    loop.execute { continuation.resume(returning: LoopBound(5, on: loop)) }
                }
                _ = bound.value
            }
        }

        private actor Counter {
            private let loop: EventLoop
            private var sum = 0
            nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

            init(_ loop: EventLoop) { self.loop = loop }

            var runsOnItsLoop: Bool { loop.isCurrent }

            @discardableResult
            func add(_ number: Int) -> Int {
                sum += number
                return sum
            }

            func afterATimer() async -> Int {
                await withCheckedContinuation { continuation in
                    loop.schedule(after: .milliseconds(2)) { continuation.resume(returning: self.add(10)) }
                }
            }
        }
    }
}
