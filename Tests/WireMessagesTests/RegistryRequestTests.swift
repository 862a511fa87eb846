import JSONWire
import RoomCore
import Testing
import WireMessages

@Suite struct RegistryRequestTests {
    private static let hash = String(repeating: "a", count: 64)

    private func request(_ type: MessageType, _ json: String) throws -> RegistryRequest {
        try RegistryRequest(type, try decoded(Array(json.utf8)), limits: WireLimits()) { _ in Self.hash }
    }

    private func code(_ type: MessageType, _ json: String) throws -> String? {
        do {
            _ = try request(type, json)
            return nil
        } catch let refusal as Refusal { return ErrorMessage(refusal).code }
    }

    @Test func publicationsAreDecoded() throws {
        let json = """
            {"model":{"name":"m","files":[{"path":"a.ckpt","size":3,"sha256":"\(Self.hash)"}],"worker_path":"/d",
            "size_bytes":9,"notes":null},"alias":"best","force_alias":true,"on_conflict":"suffix","if_revision":4,
            "copy":false,"idempotency_key":"k"}
            """
        guard case .write(.publish(let publication), let key) = try request(.registryPublish, json) else {
            Issue.record("not a publication")
            return
        }
        #expect(publication.id.text == "aaaaaaaa" && publication.digest?.text == Self.hash && key?.text == "k")
        #expect(publication.alias?.text == "best" && publication.forceAlias && publication.onConflict == .suffix)
        #expect(publication.ifRevision == Revision(4) && !publication.recordsCopy && publication.workerPath == "/d")
        #expect(publication.fields.sizeBytes == .absent && publication.fields.notes == .absent)
    }

    @Test func movesTellNullFromAbsent() throws {
        let json = #"{"alias":"best","model_id":null,"expected_model_id":null}"#
        guard case .write(.alias(let move), _) = try request(.registryAlias, json) else {
            Issue.record("not a move")
            return
        }
        #expect(move.model == nil && move.expected == .cleared && !move.force)
    }

    @Test(
        arguments: [
            (.registryPublish, #"{"model":{"id":"aaaaaaaa"}}"#),
            (.registryUpdate, #"{"model_id":"m","set":{"notes":"n"}}"#),
            (.registryAlias, #"{"alias":"a","model_id":"m","expected_model_id":"aaaaaaaa","force":true,"reason":"r"}"#),
            (.registryWithdraw, #"{"model_id":"m","reason":"r"}"#), (.registryRestore, #"{"model_id":"m"}"#),
            (.registryCopy, #"{"model_id":"m","available":false,"path":"/p"}"#),
            (.registryQuery, #"{"command":"list_models","limit":500,"sort":"-name","filters":{}}"#),
            (.registryQuery, #"{"command":"get_model_info","model_id":"m","at_revision":3}"#),
            (.registryQuery, #"{"command":"check_model_exists","model_id":"m"}"#),
            (.registryQuery, #"{"command":"compare_models","model_ids":["a","b"]}"#),
            (.registryQuery, #"{"command":"history","alias":"a","after_revision":1,"limit":5}"#),
            (.registryQuery, #"{"command":"manifest","at_time":"2025-11-11T12:00:00Z"}"#),
            (.registrySubscribe, #"{"since":{"epoch":"e","revision":0},"presence":true}"#),
            (.registryUnsubscribe, "{}"),
        ] as [(MessageType, String)])
    func goodRequestsAreTaken(_ type: MessageType, _ json: String) throws { #expect(try code(type, json) == nil) }

    @Test(
        arguments: [
            (.registryPublish, "{}"), (.registryPublish, #"{"model":[]}"#), (.registryPublish, #"{"model":{}}"#),
            (.registryPublish, #"{"model":{"id":"X"}}"#),
            (.registryPublish, #"{"model":{"id":"aaaaaaaa","digest":"x"}}"#),
            (.registryPublish, #"{"model":{"id":"aaaaaaaa","status":"x"}}"#),
            (.registryPublish, #"{"model":{"id":"aaaaaaaa","name":""}}"#),
            (.registryPublish, #"{"model":{"id":"aaaaaaaa","metrics":{"a":"b"}}}"#),
            (.registryPublish, #"{"model":{"id":"aaaaaaaa","files":[{"path":"../a","size":1,"sha256":"a"}]}}"#),
            (.registryPublish, #"{"model":{"id":"aaaaaaaa","trained_at":"9999-12-31T23:59:59-01:00"}}"#),
            (.registryPublish, #"{"model":{"id":"aaaaaaaa"},"on_conflict":"merge"}"#),
            (.registryPublish, #"{"model":{"id":"aaaaaaaa"},"if_revision":-1}"#),
            (.registryPublish, #"{"model":{"id":"aaaaaaaa"},"idempotency_key":""}"#),
            (.registryUpdate, "{}"), (.registryUpdate, #"{"model_id":"m","set":{"digest":"x"}}"#),
            (.registryUpdate, #"{"model_id":"m","set":{"id":"x"}}"#),
            (.registryUpdate, #"{"model_id":"m","add_tags":["a b"]}"#),
            (.registryUpdate, #"{"model_id":"m","set":{"version":2}}"#), (.registryAlias, #"{"alias":"a"}"#),
            (.registryAlias, #"{"model_id":"m"}"#), (.registryAlias, #"{"alias":"a","model_id":1}"#),
            (.registryAlias, #"{"alias":"a","model_id":"m","expected_model_id":"x"}"#), (.registryWithdraw, "{}"),
            (.registryRestore, #"{"model_id":5}"#), (.registryCopy, #"{"model_id":"m"}"#),
            (.registryCopy, #"{"model_id":"m","available":1}"#), (.registryQuery, "{}"),
            (.registryQuery, #"{"command":"drop"}"#), (.registryQuery, #"{"command":"list_models","limit":501}"#),
            (.registryQuery, #"{"command":"list_models","limit":0}"#),
            (.registryQuery, #"{"command":"list_models","sort":"x"}"#),
            (.registryQuery, #"{"command":"list_models","cursor":"00"}"#),
            (.registryQuery, #"{"command":"manifest","at_revision":1,"at_time":"2025-11-11T12:00:00Z"}"#),
            (.registryQuery, #"{"command":"compare_models","model_ids":["a","a"]}"#),
            (.registrySubscribe, #"{"since":{"epoch":"e"}}"#), (.registrySubscribe, #"{"presence":"yes"}"#),
        ] as [(MessageType, String)])
    func badFieldsAreInvalid(_ type: MessageType, _ json: String) throws {
        #expect(try code(type, json) == "INVALID_MESSAGE")
    }

    @Test func badAliasesHaveTheirOwnCode() throws {
        for alias in [#""latest""#, #""aaaaaaaa""#, #""-a""#, "7"] {
            #expect(try code(.registryAlias, #"{"alias":\#(alias),"model_id":"m"}"#) == "ALIAS_INVALID")
            #expect(try code(.registryPublish, #"{"model":{"id":"aaaaaaaa"},"alias":\#(alias)}"#) == "ALIAS_INVALID")
        }
    }

    @Test func hugeFilesTogetherAreInvalid() throws {
        let file = { (path: String) in #"{"path":"\#(path)","size":1125899906842624,"sha256":"\#(Self.hash)"}"# }
        let json = #"{"model":{"files":[\#(file("a")),\#(file("b"))]}}"#
        #expect(try code(.registryPublish, json) == "INVALID_MESSAGE")
    }

    @Test func signalingTypesAreNoRegistryRequests() throws {
        #expect(try code(.offer, "{}") == "UNKNOWN_MESSAGE_TYPE")
    }
}
