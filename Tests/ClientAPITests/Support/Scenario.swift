import JSONWire
import Testing
import WireMessages

@testable import RoomService

/// Walks through one vector's steps.
struct Scenario {
    let server: AccountServer
    let vector: HTTPVector
    private var findings = Findings()
    private var authorization: String?
    private var answer: (status: Int, body: JSONValue)?
    private var seats: [String: Seat] = [:]

    init(_ vector: HTTPVector, on server: AccountServer) {
        self.vector = vector
        self.server = server
    }

    mutating func run() async throws {
        for step in vector.steps {
            let place: Comment = "\(vector.file).txt:\(step.line)"
            do {
                try await take(step, place)
            } catch {
                Issue.record(error, place)
                return
            }
        }
    }

    private mutating func take(_ step: HTTPVector.Step, _ place: Comment) async throws {
        switch step.verb {
        case ">": try await ask(findings.filled(step.rest))
        case "<": try check(step.rest, place)
        case "as": authorization = "Bearer \(try await server.jwt(of: step.rest))"
        case "bearer": authorization = "Bearer \(findings.filled(step.rest))"
        case "authorization": authorization = findings.filled(step.rest)
        case "nobody": authorization = nil
        case "later": server.time.advance(bySeconds: try #require(Self.seconds(step.rest), place))
        case "turn": await server.turn()
        case "peer": try await join(findings.filled(step.rest), place)
        case "refused": try await refuse(findings.filled(step.rest), place)
        case "update": try await update(step.rest, place)
        case "open":
            let seat = try #require(seats[step.rest], place)
            #expect(seat.channel.closing == nil, place)
        case "closed":
            let words = step.rest.split(separator: " ")
            let seat = try #require(seats[String(words[0])], place)
            #expect(seat.channel.closing.map { "\($0.code)" } == words.last.map(String.init), place)
        default:
            Issue.record("\(place): \(step.verb) is no step")
        }
    }

    private mutating func ask(_ line: String) async throws {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        answer = try await server.ask(
            words[0], words[1], authorization: authorization, body: words.count > 2 ? words[2] : nil)
    }

    private mutating func check(_ line: String, _ place: Comment) throws {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let given = try #require(answer, place)
        #expect("\(given.status)" == words[0], "\(place): \(String(decoding: given.body.encoded(), as: UTF8.self))")
        let text = words.count > 1 ? words[1] : ""
        let expected: JSONValue =
            text.hasPrefix("{")
            ? try JSONValue.parse(Array(text.utf8), maxDepth: 64) : ["detail": .string(text), "error": .string(text)]
        #expect(findings.differences(given.body, from: expected) == [], place)
    }

    // MARK: Peers

    /// `ID by jwt NAME|KEY [in ROOM]`, and what stands after it.
    private func registration(
        _ line: String, _ place: Comment
    ) async throws -> (peer: String, credential: JSONObject, rest: String) {
        var words = line.split(separator: " ").map(String.init)[...]
        func next() throws -> String {
            let word = words.popFirst()
            return try #require(word, place)
        }
        let peer = try next()
        #expect(try next() == "by", place)
        let key = try next()
        var credential: JSONObject = [:]
        if key == "jwt" {
            credential["jwt"] = .string(try await server.jwt(of: try next()))
        } else {
            credential["api_key"] = .string(key)
        }
        if words.first == "in" {
            words.removeFirst()
            credential["room_id"] = .string(try next())
        }
        return (peer, credential, words.joined(separator: " "))
    }

    private mutating func join(_ line: String, _ place: Comment) async throws {
        let (peer, credential, rest) = try await registration(line, place)
        let properties = rest.isEmpty ? [:] : try JSONValue.parse(Array(rest.utf8), maxDepth: 8).objectValue
        seats[peer] = try await server.join(peer, credential, properties: try #require(properties, place))
    }

    private func refuse(_ line: String, _ place: Comment) async throws {
        let (peer, credential, rest) = try await registration(line, place)
        do {
            _ = try await server.join(peer, credential, properties: [:])
            Issue.record("\(place): it was let in")
        } catch AdmissionRefusal.refused(let error) {
            #expect(error.message == rest, place)
        }
    }

    private func update(_ line: String, _ place: Comment) async throws {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let seat = try #require(seats[words[0]], place)
        let frame =
            "{\"type\":\"update_metadata\",\"peer_id\":\"\(words[0])\",\"metadata\":{\"properties\":\(words[1])}}"
        await seat.room.hear(Array(frame.utf8), from: seat.session)
    }

    private static func seconds(_ text: String) -> Int64? {
        guard let unit = text.last, let number = Int64(text.dropLast()) else { return nil }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        return units[unit].map { number * $0 }
    }
}

extension RoomLoop {
    fileprivate func hear(_ frame: [UInt8], from session: SessionID) {
        frame.withUnsafeBytes { _ = receive(LentBytes($0), from: session) }
    }
}
