import EventLoops
import Glibc
import Testing

extension KernelTests {
    @Suite struct ListenerTests {
        @Test func aThousandConnectionsSpreadOverTwoLoops() async throws {
            let all = Promise<Bool>()
            let homes = Journal<String>()
            let group = try EventLoopGroup.start(count: 2, tick: .milliseconds(1))
            let clients = try EventLoop.start(label: "clients")
            let listener = try Listener.bind(to: SocketAddress("127.0.0.1:0"), on: group, limits: .none) {
                detached, loop in
                _ = try? StreamSocket.attach(detached, to: loop, handler: Script.echo())
                if homes.add(loop.label) == 1000 { all.keep(true) }
            }
            let echoed = Promise<Bool>()
            let answers = Journal<UInt8>()
            for _ in 0..<1000 {
                _ = try await clients.connect(to: listener.boundAddress) {
                    let script = Script()
                    script.whenOpened = { $0.write([7]) }
                    script.whenReceived = { bytes, _ in if answers.add(bytes[0]) == 1000 { echoed.keep(true) } }
                    return script
                }
            }
            #expect(await all.value)
            #expect(await echoed.value)
            for loop in group.loops { #expect(homes.entries.filter { $0 == loop.label }.count > 300) }
            #expect(listener.connectionCount == 1000)
            listener.close()
            clients.stop()
            group.stop()
            await clients.stopped()
            await group.stopped()
            #expect(listener.connectionCount == 0)
        }

        @Test func totalLimitClosesTheNextConnectionAtOnce() async throws {
            try await expectRefusal(ConnectionLimits(total: 2, perAddress: 100), .tooMany)
        }

        @Test func addressLimitClosesTheNextConnectionAtOnce() async throws {
            try await expectRefusal(ConnectionLimits(total: 100, perAddress: 2), .tooManyFromAddress)
        }

        private func expectRefusal(_ limits: ConnectionLimits, _ why: ListenerNotice.Refusal) async throws {
            let notice = Promise<ListenerNotice>()
            let freed = Promise<Bool>()
            let harness = try Harness(loops: 2, limits: limits, notice: notice.keep) {
                let script = Script.echo()
                script.whenEnded = { _ in freed.keep(true) }
                return script
            }
            let loop = harness.group.next()
            let answered = (0..<4).map { _ in Promise<[UInt8]>() }
            let refused = Promise<SocketEnd>()
            @Sendable func client(_ number: Int) -> Script {
                let script = Script.collector(1, answered[number])
                script.whenOpened = { $0.write([UInt8(number)]) }
                if number == 2 { script.whenEnded = refused.keep }
                return script
            }
            let first = try await loop.connect(to: harness.address) { client(0) }
            #expect(await answered[0].value == [0])
            _ = try await loop.connect(to: harness.address) { client(1) }
            #expect(await answered[1].value == [1])
            _ = try await loop.connect(to: harness.address) { client(2) }
            #expect([.peerClosed, .reset].contains(await refused.value))
            guard case .refused(let address, let reason) = await notice.value else {
                Issue.record("The notice should name the refused address.")
                return
            }
            #expect(address.host == "127.0.0.1")
            #expect(reason == why)
            #expect(harness.listener.refusedCount == 1)
            // A place is given back with the socket's end.
            first.execute { $0.abort() }
            #expect(await freed.value)
            _ = try await loop.connect(to: harness.address) { client(3) }
            #expect(await answered[3].value == [3])
            await harness.stop()
        }

        /// It lowers the limit of the whole process, so nothing else may run in it meanwhile.
        @Test(.enabled(if: getenv("SLEAP_ROOMS_TEST_ALONE") != nil, "runs when this target has the process to itself"))
        func withoutDescriptorsAcceptingPausesTellsOnceAndRecovers() async throws {
            let notices = Journal<ListenerNotice>()
            let paused = Promise<ListenerNotice>()
            let resumed = Promise<ListenerNotice>()
            let ended = Promise<SocketEnd>()
            let harness = try Harness(
                loops: 2,
                notice: { notice in
                    notices.add(notice)
                    if case .acceptingPaused = notice { paused.keep(notice) } else { resumed.keep(notice) }
                },
                {
                    let script = Script.echo()
                    script.whenEnded = ended.keep
                    return script
                })
            let clients = try (0..<5).map { _ in try BlockingClient() }
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let lowest = dup(0)
            close(lowest)
            var tight = limit
            tight.rlim_cur = rlim_t(lowest)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &tight)
            for client in clients { #expect(client.connect(to: harness.address)) }
            let first = await paused.value
            // Long enough for a second attempt, which must keep its mouth shut.
            let waited = Promise<Bool>()
            harness.group.loop(at: 0).execute {
                harness.group.loop(at: 0).schedule(after: .milliseconds(250)) { waited.keep(true) }
            }
            _ = await waited.value
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            #expect(first == .acceptingPaused(errno: EMFILE))
            #expect(await resumed.value == .acceptingResumed)
            for client in clients {
                client.send([5])
                client.finishSending()
                #expect(client.receiveToEnd() == [5])
            }
            #expect(notices.entries == [.acceptingPaused(errno: EMFILE), .acceptingResumed])
            await harness.stop()
        }

        @Test func secondServerOnThePortIsRefused() async throws {
            let harness = try Harness { .echo() }
            let address = harness.address
            #expect(throws: LoopFault.addressInUse(address)) {
                _ = try Listener.bind(to: address, on: harness.group, limits: .none) { _, _ in }
            }
            // Closing frees the port before it returns.
            harness.listener.close()
            let successor = try Listener.bind(to: address, on: harness.group, limits: .none) { _, _ in }
            #expect(successor.boundAddress == address)
            successor.close()
            await harness.stop()
        }

        @Test func closingKeepsTheConnectionsAlreadyTaken() async throws {
            let harness = try Harness(loops: 2) { .echo() }
            let (first, second) = (Promise<[UInt8]>(), Promise<[UInt8]>())
            let client = try await harness.group.next().connect(to: harness.address) {
                let script = Script()
                script.whenOpened = { $0.write([1]) }
                script.whenReceived = { bytes, _ in bytes == [1] ? first.keep(bytes) : second.keep(bytes) }
                return script
            }
            #expect(await first.value == [1])
            harness.listener.close()
            #expect(try !BlockingClient().connect(to: harness.address))
            client.execute { $0.write([2]) }
            #expect(await second.value == [2])
            await harness.stop()
        }

        @Test func stoppingClosesEverySocketAndEveryDescriptor() async throws {
            let before = openDescriptors()
            let ends = Journal<SocketEnd>()
            try await serveAndStop(ends)
            #expect(ends.entries.count == 20)
            #expect(ends.entries.allSatisfy { $0 == .closedHere || $0 == .peerClosed || $0 == .reset })
            #expect(openDescriptors().subtracting(before) == [])
        }

        private func serveAndStop(_ ends: Journal<SocketEnd>) async throws {
            let all = Promise<Bool>()
            let answers = Journal<Int>()
            let harness = try Harness(loops: 2) {
                let script = Script.echo()
                script.whenEnded = { ends.add($0) }
                return script
            }
            for number in 0..<10 {
                _ = try await harness.group.next().connect(to: harness.address) {
                    let script = Script()
                    script.whenOpened = { $0.write([1]) }
                    script.whenReceived = { _, _ in if answers.add(number) == 10 { all.keep(true) } }
                    script.whenEnded = { ends.add($0) }
                    return script
                }
            }
            #expect(await all.value)
            // The loops alone: their stopping takes the listener along.
            harness.group.stop()
            await harness.group.stopped()
        }
    }
}
