import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

/// What an alias named at some moment, asked over HTTP, on each record.
@Suite(.serialized, .timeLimit(.minutes(3))) struct AliasHistoryTests {
    @Test func overTheEmbeddedRecord() async throws {
        try await withEmbeddedRecord { try await Self.productionIsKnownForEveryMoment($0) }
    }

    @Test(.enabled(if: postgresServer != nil, "SLEAP_ROOMS_TEST_POSTGRES names no PostgreSQL server"))
    func overPostgres() async throws {
        try await withPostgresRecord { try await Self.productionIsKnownForEveryMoment($0) }
    }

    /// Day by day: published with the alias, taken by another, taken away, given anew, withdrawn.
    private static func productionIsKnownForEveryMoment(_ record: any Record) async throws {
        let server = try AccountServer(record)
        let jwt = "Bearer \(try await server.jwt(of: "ann"))"
        func ask(_ path: String) async throws -> (status: Int, body: JSONObject) {
            let answer = try await server.ask("GET", path, authorization: jwt, body: nil)
            return (answer.status, answer.body.objectValue ?? [:])
        }
        let made = try await server.ask(
            "POST", "/api/auth/rooms", authorization: jwt, body: #"{"name":"lab","expires_in_days":null}"#)
        let room = "/api/rooms/\(try #require(made.body.objectValue?["room_id"]?.stringValue))"
        let seat = try await server.join(
            "worker-1",
            [
                "jwt": .string(String(jwt.dropFirst(7))), "room_id": try #require(made.body.objectValue?["room_id"]),
            ], properties: [:])
        let steps = [
            #""registry_publish","model":{"id":"aaaaaaaa"},"alias":"production""#,
            #""registry_publish","model":{"id":"bbbbbbbb"}"#,
            #""registry_alias","alias":"production","model_id":"bbbbbbbb","expected_model_id":"aaaaaaaa""#,
            #""registry_alias","alias":"production","model_id":null,"reason":"drifts""#,
            #""registry_alias","alias":"production","model_id":"aaaaaaaa","expected_model_id":null"#,
            #""registry_withdraw","model_id":"aaaaaaaa","reason":"leaks""#,
        ]
        for (number, step) in steps.enumerated() {
            await seat.room.hear(#"{"type":\#(step),"request_id":"\#(number)"}"#, from: seat.session)
            for _ in 0..<1000 where try await record.head(of: seat.room.room)?.revision.number != number + 1 {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try await record.head(of: seat.room.room)?.revision.number == number + 1)
            server.time.advance(bySeconds: 86_400)
        }
        let named: [String?] = [nil, "aaaaaaaa", "aaaaaaaa", "bbbbbbbb", nil, "aaaaaaaa", nil]
        for (revision, model) in named.enumerated() {
            // Noon of the day on which it was decided in the morning.
            let noon = SharedClock.start.advanced(bySeconds: Int64(revision - 1) * 86_400 + 43_200)
            for point in ["at_time=\(noon)", "at_revision=\(revision)"] {
                let answer = try await ask("\(room)/models/production?\(point)")
                #expect(answer.status == (model == nil ? 404 : 200), "\(point)")
                #expect(answer.body["model"]?.objectValue?["id"]?.stringValue == model, "\(point)")
                #expect(answer.body["code"] == (model == nil ? "MODEL_NOT_FOUND" : nil), "\(point)")
            }
        }
        #expect(try await ask("\(room)/models/production").status == 404)
        #expect(try await ask("\(room)/models/bbbbbbbb").body["revision"] == 6)
        #expect(try await ask("\(room)/models/bbbbbbbb?at_time=yesterday").status == 422)
        #expect(try await ask("\(room)/models/bbbbbbbb?at_revision=99").status == 400)
        let history = try await ask("\(room)/aliases/production/history")
        let moves = history.body["changes"]?.arrayValue?.compactMap(\.objectValue) ?? []
        #expect(
            moves.map { $0["kind"]?.stringValue } == ["published", "aliased", "unaliased", "aliased", "withdrawn"])
        #expect(moves.map { $0["reason"]?.stringValue } == [nil, nil, "drifts", nil, "leaks"])
        let page = try await ask("\(room)/aliases/production/history?after=3&limit=1")
        #expect(page.body["changes"]?.arrayValue?.first?.objectValue?["revision"] == 4)
        let stranger = "Bearer \(try await server.jwt(of: "eve"))"
        let refused = try await server.ask("GET", "\(room)/models/bbbbbbbb", authorization: stranger, body: nil)
        #expect(refused.status == 404)
        await server.stop()
    }
}

extension RoomLoop {
    fileprivate func hear(_ text: String, from session: SessionID) {
        Array(text.utf8).withUnsafeBytes { _ = receive(LentBytes($0), from: session) }
    }
}
