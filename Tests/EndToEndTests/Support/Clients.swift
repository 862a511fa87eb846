import EventLoops
import Foundation
import FoundationNetworking
import JSONWire
import RoomClient
import Testing

extension BuiltServer {
    /// Settings for a user's client, quick to come back.
    func settings(_ credential: ClientSettings.Credential, peer: String? = nil) throws -> ClientSettings {
        var settings = try ClientSettings(url: ws, credential: credential)
        settings.peerID = peer
        settings.backoff.first = .milliseconds(5)
        settings.backoff.longest = .milliseconds(50)
        return settings
    }

    func session(
        _ starter: Starter, peer: String? = nil, on loop: EventLoop
    ) throws -> RoomSession {
        RoomSession(try settings(.jwt(starter.jwt, room: starter.room_id), peer: peer), on: loop)
    }

    struct Answer {
        let status: Int
        let body: JSONObject
    }

    /// One HTTP request.
    func ask(
        _ method: String, _ path: String, bearer: String? = nil, body: JSONObject? = nil
    ) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: http + path)))
        request.httpMethod = method
        request.timeoutInterval = 10
        if let bearer { request.setValue("Bearer \(bearer)", forHTTPHeaderField: "Authorization") }
        if let body { request.httpBody = Data(JSONValue.object(body).encoded()) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = try #require(response as? HTTPURLResponse).statusCode
        return Answer(status: status, body: try JSONValue.parse([UInt8](data), maxDepth: 64).objectValue ?? [:])
    }
}

/// Loops that end with the test.
func withLoops<Outcome>(_ body: (EventLoopGroup) async throws -> Outcome) async throws -> Outcome {
    let group = try EventLoopGroup.start(count: 1, label: "clients")
    defer { group.stop() }
    return try await body(group)
}

/// Waits for something, at most for a time.
func eventually(
    _ what: String, within seconds: Int = 60, isolation: isolated (any _Concurrency.Actor)? = #isolation,
    _ isTrue: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try await !isTrue() {
        try #require(ContinuousClock.now < deadline, "\(what) did not happen in \(seconds) s")
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Waits for the end of a socket and gives the close code.
func closeCode(of connection: RoomConnection) async throws -> UInt16 {
    try await eventually("the end of the socket") { await connection.end != nil }
    guard case .closed(let code, _)? = await connection.end else {
        Issue.record("ended without a close frame: \(String(describing: await connection.end))")
        return 0
    }
    return code
}
