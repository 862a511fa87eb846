@testable import HTTPServing
import EventLoops
import HTTPWire
import JSONWire
import Testing

@Suite struct MessageTests {
    private func request(_ body: String = "", _ fields: HTTPFields = HTTPFields()) throws -> Request {
        Request(
            head: try HTTPRequestHead(method: .get, target: "/", fields: fields), body: Array(body.utf8),
            peer: try SocketAddress("127.0.0.1:1"), jsonDepth: 4)
    }

    private struct Model: Codable, Equatable {
        struct Part: Codable, Equatable { var size: Int }
        var name: String
        var parts: [Part]
        var ready: Bool?
    }

    @Test(
        arguments: [
            ("Bearer abc.def", "abc.def"), ("bearer  abc", "abc"), ("Basic abc", nil), ("Bearer", nil),
            ("Bearer ", nil),
            ("Bearerabc", nil),
        ] as [(String, String?)]) func bearerIsTheTokenOfAuthorization(_ value: String, _ token: String?) throws
    {
        #expect(try request("", ["Authorization": value]).bearer == token)
    }

    @Test func secondAuthorizationMakesNoBearer() throws {
        #expect(try request("", ["Authorization": "Bearer a", "authorization": "Bearer b"]).bearer == nil)
    }

    @Test func jsonBodyIsDecoded() throws {
        let model = try request(#"{"name": "a", "parts": [{"size": 1}]}"#).decode(Model.self)
        #expect(model == Model(name: "a", parts: [Model.Part(size: 1)]))
        #expect(try request(#"{"a": 1}"#).json()["a"] == 1)
    }

    @Test(arguments: [
        (#"{"parts": []}"#, "The member name is missing."),
        (#"{"name": 1, "parts": []}"#, "The member name must be a string."),
        (#"{"name": "a", "parts": {}}"#, "The member parts must be an array."),
        (#"{"name": "a", "parts": [{"size": 1}, {"size": "b"}]}"#, "The member parts[1].size must be a whole number."),
        (#"{"name": "a", "parts": [{"size": null}]}"#, "The member parts[0].size must not be null."),
        (#"{"name": "a", "parts": [], "ready": 1}"#, "The member ready must be true or false."),
        ("[]", "The body must be an object."),
        (#"{"name": "a", "name": "b"}"#, #"The body is not valid JSON: duplicate key "name" at byte 14."#),
        ("[[[[[1]]]]]", "The body is not valid JSON: nested deeper than 4 levels."),
        ("", "The body is not valid JSON: empty text."),
    ]) func wrongBodyIsNamedInASentence(_ body: String, _ sentence: String) throws {
        let request = try request(body)
        do throws(RequestFault) {
            let model = try request.decode(Model.self)
            Issue.record("\(model) was decoded.")
        } catch {
            #expect(error.sentence == sentence)
            #expect(error.response.status == .badRequest)
        }
    }

    @Test func bodyThatIsNoObjectHasNoMembers() throws {
        #expect(throws: RequestFault.invalidJSON(.notAnObject)) { try request("[]").json() }
    }

    @Test func errorSaysItsMessageUnderBothNames() throws {
        let response = Response.error(.conflict, "A \"quoted\"\nline.")
        guard case .bytes(let bytes) = response.body else { return }
        let object = try JSONValue.parse(bytes, maxDepth: 4).objectValue
        #expect(object?["error"] == "A \"quoted\"\nline.")
        #expect(object?["detail"] == object?["error"])
        #expect(response.fields.first("content-type") == "application/json")
    }
}

@Suite struct HeartbeatTests {
    @Test func pingsLeaveEveryIntervalAndAnswersKeepThePeerAlive() {
        var heart = Heartbeat(at: 0, every: 20)
        #expect(heart.nextDue(patience: 15) == 20)
        #expect(heart.beat(at: 19, every: 20, patience: 15) == .wait)
        #expect(heart.beat(at: 20, every: 20, patience: 15) == .ping)
        #expect(heart.nextDue(patience: 15) == 35)
        heart.lastHeard = 21
        #expect(heart.beat(at: 35, every: 20, patience: 15) == .wait)
        #expect(heart.nextDue(patience: 15) == 40)
        #expect(heart.beat(at: 40, every: 20, patience: 15) == .ping)
        #expect(heart.beat(at: 54, every: 20, patience: 15) == .wait)
        #expect(heart.beat(at: 55, every: 20, patience: 15) == .silent)
    }

    @Test func patienceMayOutlastTheInterval() {
        var heart = Heartbeat(at: 0, every: 10)
        #expect(heart.beat(at: 10, every: 10, patience: 25) == .ping)
        #expect(heart.beat(at: 20, every: 10, patience: 25) == .ping)
        #expect(heart.beat(at: 30, every: 10, patience: 25) == .ping)
        #expect(heart.beat(at: 35, every: 10, patience: 25) == .silent)
    }

    @Test func nobodyIsSilentToOneWhoDoesNotListen() {
        var heart = Heartbeat(at: 0, every: 10)
        #expect(heart.beat(at: 10, every: 10, patience: 10) == .ping)
        heart.skip(at: 20, every: 10)
        #expect(heart.nextDue(patience: 10) == 30)
        #expect(heart.beat(at: 30, every: 10, patience: 10) == .ping)
    }
}
