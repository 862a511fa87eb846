import Testing
import WebSocketWire

@Suite struct RandomStreamTests {
    /// A stream of whole and fragmented messages with control frames among them, and what it says.
    private func conversation(
        _ generator: inout SeededGenerator, role: WebSocketRole
    ) -> (wire: [UInt8], heard: [Heard]) {
        var wire: [UInt8] = []
        var heard: [Heard] = []
        func send(_ opcode: Opcode, _ payload: [UInt8], fin: Bool = true) {
            let key = role.receivesMasked ? UInt32(truncatingIfNeeded: generator.next()) : nil
            FrameEncoder.appendFrame(opcode, payload: payload, fin: fin, maskKey: key, to: &wire)
        }
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let isText = Bool.random(using: &generator)
            let payload = isText ? text(&generator) : generator.bytes(Int.random(in: 0...300, using: &generator))
            let cuts = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                Int.random(in: 0...payload.count, using: &generator)
            }
            let bounds = [0] + cuts.sorted() + [payload.count]
            for piece in 0...cuts.count {
                if piece > 0, Bool.random(using: &generator) {
                    let ping = generator.bytes(Int.random(in: 0...125, using: &generator))
                    send(.ping, ping)
                    heard.append(.ping(ping))
                }
                let opcode: Opcode = piece > 0 ? .continuation : isText ? .text : .binary
                send(opcode, Array(payload[bounds[piece]..<bounds[piece + 1]]), fin: piece == cuts.count)
            }
            heard.append(isText ? .text(String(decoding: payload, as: UTF8.self)) : .binary(payload))
        }
        return (wire, heard)
    }

    private func text(_ generator: inout SeededGenerator) -> [UInt8] {
        let characters = ["a", "Z", "é", "€", "😀", "plain words of some length"]
        let count = Int.random(in: 0...20, using: &generator)
        return (0..<count).flatMap { _ in Array(characters[Int.random(in: 0..<6, using: &generator)].utf8) }
    }

    private func reads(_ wire: [UInt8], longest: Int, _ generator: inout SeededGenerator) -> [ArraySlice<UInt8>] {
        var reads: [ArraySlice<UInt8>] = []
        var start = 0
        while start < wire.count {
            let end = min(wire.count, start + Int.random(in: 1...longest, using: &generator))
            reads.append(wire[start..<end])
            start = end
        }
        return reads
    }

    @Test(arguments: [WebSocketRole.server, .client])
    func whatIsEncodedIsHeardHoweverItIsCut(_ role: WebSocketRole) throws {
        var generator = SeededGenerator(seed: 6455)
        for _ in 0..<60 {
            let (wire, heard) = conversation(&generator, role: role)
            #expect(try hear([wire], as: role) == heard)
            for longest in [3, 40, 700] {
                #expect(try hear(reads(wire, longest: longest, &generator), as: role) == heard)
            }
        }
    }

    @Test(arguments: [WebSocketRole.server, .client])
    func garbageNeverLeavesTheInput(_ role: WebSocketRole) {
        var generator = SeededGenerator(seed: 1002)
        var (faults, events) = (0, 0)
        for _ in 0..<500 {
            let wire = garbage(&generator, role: role)
            var decoder = FrameDecoder(role: role, maxMessageBytes: 256, allowedReserved: .rsv1)
            do {
                for read in reads(wire, longest: 60, &generator) {
                    for event in try decoder.events(read) {
                        events += 1
                        expectSane(event, in: read)
                    }
                }
            } catch {
                faults += 1
            }
        }
        #expect(faults > 100 && events > 100, "garbage must reach both ends of the decoder: \(faults), \(events)")
    }

    @Test(arguments: [WebSocketRole.server, .client])
    func damagedConversationIsHeardAlikeHoweverItIsCut(_ role: WebSocketRole) {
        var generator = SeededGenerator(seed: 1007)
        for _ in 0..<200 {
            var (wire, _) = conversation(&generator, role: role)
            for _ in 0..<3 {
                wire[Int.random(in: wire.indices, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            let whole = outcome([wire[...]], role)
            let cut = outcome(reads(wire, longest: 9, &generator), role)
            #expect(whole == cut)
        }
    }

    /// All that is heard before the end, and the fault that was the end.
    private func outcome(_ reads: [ArraySlice<UInt8>], _ role: WebSocketRole) -> Outcome {
        var decoder = FrameDecoder(role: role)
        var outcome = Outcome()
        for read in reads {
            var bytes = Array(read)
            bytes.withUnsafeMutableBytes { input in
                var consumed = 0
                do throws(WebSocketFault) {
                    while let event = try decoder.next(input, consumed: &consumed) {
                        outcome.heard.append(Heard(event, in: input))
                    }
                } catch {
                    outcome.fault = error
                }
            }
        }
        return outcome
    }

    private struct Outcome: Equatable {
        var heard: [Heard] = []
        var fault: WebSocketFault?
    }

    /// Most of it likely frames, so that the rest of the decoder is reached too.
    private func garbage(_ generator: inout SeededGenerator, role: WebSocketRole) -> [UInt8] {
        var wire: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let first: [UInt8] = [0x01, 0x02, 0x80, 0x00, 0x81, 0x82, 0xC1, 0x88, 0x89, 0x8A]
            wire.append(first[Int.random(in: 0..<first.count, using: &generator)])
            let length = UInt8.random(in: 0...127, using: &generator)
            wire.append(role.receivesMasked ? 0x80 | length : length)
            let fitting = Int(length) + (role.receivesMasked ? 4 : 0)
            let isFitting = UInt8.random(in: 0..<4, using: &generator) > 0
            wire += generator.bytes(isFitting ? fitting : Int.random(in: 0...80, using: &generator))
        }
        return UInt8.random(in: 0..<4, using: &generator) > 0 ? wire : generator.bytes(50)
    }

    private func expectSane(_ event: WebSocketEvent, in read: ArraySlice<UInt8>) {
        switch event {
        case .message(_, .slice(let range)): #expect(range.lowerBound >= 0 && range.upperBound <= read.count)
        case .message(_, .assembled(let bytes)): #expect(bytes.count <= 256)
        case .ping(let payload), .pong(let payload): #expect(payload.count <= 125)
        case .close(let code, let reason): #expect(code?.isSendable ?? reason.isEmpty)
        }
    }
}
