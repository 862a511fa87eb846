import Foundation
import JSONWire
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

@Suite struct ModelListTests {
    private func path(_ room: String, _ parameters: [(String, String)]) -> String {
        var address = URLComponents()
        address.path = "/api/rooms/\(room)/models"
        address.queryItems = parameters.map { URLQueryItem(name: $0.0, value: $0.1) }
        return address.string ?? ""
    }

    @Test func theModelsOfARoomAreSearchedOverHTTP() async throws {
        try await withEmbeddedRecord { record in
            let server = try AccountServer(record)
            let ann = "Bearer \(try await server.jwt(of: "ann"))"
            let made = try await server.ask("POST", "/api/auth/rooms", authorization: ann, body: #"{"name":"lab"}"#)
            let room = try #require(made.body.objectValue?["room_id"]?.stringValue)
            let token = try await server.ask(
                "POST", "/api/auth/token", authorization: ann, body: #"{"room_id":"\#(room)","worker_name":"gpu-1"}"#)
            let key = try #require(token.body.objectValue?["token_id"]?.stringValue)
            let seat = try await server.join("w", ["api_key": .string(key)], properties: [:])
            for number in 0..<4 {
                await seat.hear(
                    #"{"type":"registry_publish","request_id":"\#(number)","model":{"id":"aaaaaaa\#(number)","tags":["t\#(number % 2)","x"],"metrics":{"val_loss":0.\#(number)}}}"#
                )
            }
            for _ in 0..<500 where await seat.revision < 4 { try await Task.sleep(for: .milliseconds(10)) }
            func ids(_ parameters: [(String, String)], by credential: String = ann) async throws -> [String] {
                let answer = try await server.ask("GET", path(room, parameters), authorization: credential, body: nil)
                #expect(answer.status == 200, "\(answer.body)")
                let models = answer.body.objectValue?["models"]?.arrayValue ?? []
                return models.compactMap { $0.objectValue?["id"]?.stringValue.map { String($0.suffix(1)) } }
            }
            #expect(try await ids([]) == ["3", "2", "1", "0"])
            #expect(try await ids([("query", #"tags HAS "t1" AND metrics.val_loss < 0.2"#)]) == ["1"])
            #expect(try await ids([("query", #"tags HAS "t0""#), ("sort", "metrics.val_loss")]) == ["0", "2"])
            #expect(try await ids([("tags", "t0,x"), ("limit", "1"), ("query", "")]) == ["2"])
            #expect(try await ids([("available", "true"), ("worker", "gpu-1")], by: "Bearer \(key)").count == 4)
            for (parameters, position) in [([("query", "tags HAS")], 9), ([("query", "tgas = 'x'")], 1)] {
                let answer = try await server.ask("GET", path(room, parameters), authorization: ann, body: nil)
                #expect(answer.status == 400 && answer.body.objectValue?["position"] == .integer(position))
                #expect(answer.body.objectValue?["code"] == "INVALID_MESSAGE")
            }
            for parameters in [[("limit", "x")], [("stored", "x")], [("status", "x")], [("metrics", "{}")]] {
                let answer = try await server.ask("GET", path(room, parameters), authorization: ann, body: nil)
                #expect(answer.status == 400 && answer.body.objectValue?["position"] == nil)
                let said = answer.body.objectValue?["error"]?.stringValue ?? ""
                #expect(said.hasPrefix("\(parameters[0].0): "), "\(said)")
            }
            let bob = "Bearer \(try await server.jwt(of: "bob"))"
            for (credential, status) in [(bob, 404), ("Bearer nothing", 401)] {
                let answer = try await server.ask("GET", path(room, []), authorization: credential, body: nil)
                #expect(answer.status == status)
            }
            await server.stop()
        }
    }
}

extension Seat {
    fileprivate func hear(_ frame: String) async { await room.hear(frame, from: session) }
    fileprivate var revision: Int { get async { await room.manifest.revision.number } }
}

extension RoomLoop {
    fileprivate func hear(_ frame: String, from session: SessionID) {
        Array(frame.utf8).withUnsafeBytes { _ = receive(LentBytes($0), from: session) }
    }
}
