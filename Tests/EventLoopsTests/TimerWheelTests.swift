import Testing

@testable import EventLoops

@Suite struct TimerWheelTests {
    private static let deadlines: [UInt64] = [
        1, 2, 63, 64, 65, 127, 128, 4095, 4096, 4097, 300_000, 262_143, 262_144, 16_777_216, 2_000_000_000,
    ]

    private func due(_ wheel: inout TimerWheel<UInt64>, at tick: UInt64) -> [UInt64] {
        var fired: [UInt64] = []
        while let payload = wheel.popDue(at: tick) { fired.append(payload) }
        return fired
    }

    @Test(arguments: deadlines) func timerFiresAtItsTickAndNotBefore(deadline: UInt64) {
        var wheel = TimerWheel<UInt64>()
        _ = wheel.insert(deadline, deadline: deadline)
        #expect(due(&wheel, at: deadline - 1) == [])
        #expect(due(&wheel, at: deadline) == [deadline])
        #expect(wheel.count == 0)
        #expect(wheel.nextTick == nil)
    }

    @Test func oneLongStepFiresAllLevelsInOrder() {
        var wheel = TimerWheel<UInt64>()
        for deadline in Self.deadlines.reversed() { _ = wheel.insert(deadline, deadline: deadline) }
        #expect(due(&wheel, at: 3_000_000_000) == Self.deadlines.sorted())
    }

    @Test func jumpingFromNextTickToNextTickReachesEveryDeadline() {
        var wheel = TimerWheel<UInt64>()
        for deadline in Self.deadlines { _ = wheel.insert(deadline, deadline: deadline) }
        var fired: [UInt64] = []
        while let tick = wheel.nextTick {
            for deadline in due(&wheel, at: tick) {
                #expect(deadline == tick)
                fired.append(deadline)
            }
        }
        #expect(fired == Self.deadlines.sorted())
    }

    @Test func cancelledTimerDoesNotFireAndItsKeyIsSpent() {
        var wheel = TimerWheel<UInt64>()
        let key = wheel.insert(10, deadline: 10)
        _ = wheel.insert(11, deadline: 10)
        #expect(wheel.cancel(key) == 10)
        #expect(wheel.cancel(key) == nil)
        let successor = wheel.insert(12, deadline: 12)
        #expect(wheel.cancel(key) == nil)
        #expect(due(&wheel, at: 20) == [11, 12])
        #expect(wheel.cancel(successor) == nil)
    }

    @Test func timerDueInTheSameTickCanStillBeCancelled() {
        var wheel = TimerWheel<UInt64>()
        _ = wheel.insert(1, deadline: 5)
        let second = wheel.insert(2, deadline: 5)
        #expect(wheel.popDue(at: 5) == 1)
        #expect(wheel.cancel(second) == 2)
        #expect(wheel.popDue(at: 5) == nil)
    }

    @Test func pastDeadlineCountsAsTheNextTick() {
        var wheel = TimerWheel<UInt64>()
        #expect(due(&wheel, at: 100) == [])
        _ = wheel.insert(7, deadline: 3)
        #expect(wheel.nextTick == 101)
        #expect(due(&wheel, at: 101) == [7])
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func wheelAgreesWithASortedList(seed: UInt64) {
        var wheel = TimerWheel<UInt64>()
        var model: [UInt64: (deadline: UInt64, key: TimerWheel<UInt64>.Key)] = [:]
        var state = seed
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var now: UInt64 = 0
        for name in 0..<3000 as Range<UInt64> {
            let deadline = now + 1 + random(UInt64(1) << (1 + random(20)))
            model[name] = (deadline, wheel.insert(name, deadline: deadline))
            let victim = random(name + 1)
            if name % 3 == 0, let known = model.removeValue(forKey: victim) {
                #expect(wheel.cancel(known.key) == victim)
            }
            now += random(300)
            var latest: UInt64 = 0
            for fired in due(&wheel, at: now) {
                let deadline = model.removeValue(forKey: fired)?.deadline ?? .max
                #expect(deadline <= now && deadline >= latest)
                latest = deadline
            }
            #expect(wheel.count == model.count)
        }
        #expect(model.values.allSatisfy { $0.deadline > now })
    }
}
