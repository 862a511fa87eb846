import JSONWire
import RoomCore
import Testing
import WireMessages

@Suite struct ErrorTests {
    private static let id = ModelID(trusted: "a3f5e8c9")
    private static let best = Alias(trusted: "best")
    static let cases: [(refusal: Refusal, code: String, retryable: Bool, extra: JSONObject)] = [
        (.invalid("x"), "INVALID_MESSAGE", false, [:]), (.notInRoom, "NOT_IN_ROOM", false, [:]),
        (.forbidden("x"), "FORBIDDEN", false, [:]),
        (.modelNotFound("m"), "MODEL_NOT_FOUND", false, ["model_id": "m"]),
        (.modelExists(id, digest: nil), "MODEL_EXISTS", false, ["model_id": "a3f5e8c9", "digest": nil]),
        (.aliasTaken(best, holder: id), "ALIAS_TAKEN", false, ["alias": "best", "holder_model_id": "a3f5e8c9"]),
        (.aliasTaken(best, holder: nil), "ALIAS_TAKEN", false, ["alias": "best", "holder_model_id": nil]),
        (.aliasInvalid("x"), "ALIAS_INVALID", false, [:]),
        (.staleRevision(Revision(7), of: "room"), "STALE_REVISION", false, ["revision": 7]),
        (.limitReached("x"), "LIMIT_REACHED", false, [:]),
        (.rateLimited(retryAfterMilliseconds: 50), "RATE_LIMITED", true, ["retry_after_ms": 50]),
        (.tooLarge("x"), "TOO_LARGE", false, [:]),
        (.compacted(floor: Revision(3)), "COMPACTED", false, ["oldest_revision": 3]),
        (.unavailable("x"), "UNAVAILABLE", true, [:]),
        (.unknownMessageType("x"), "UNKNOWN_MESSAGE_TYPE", false, [:]),
    ]

    @Test(arguments: cases.indices)
    func everyRefusalHasItsCodeAndFields(_ index: Int) throws {
        let (refusal, code, retryable, extra) = Self.cases[index]
        let request = RequestID(trusted: "r\"1\\\n")
        let object = try decoded(ErrorMessage(refusal).encoded(requestID: request))
        #expect(object["type"] == "error" && object["request_id"] == "r\"1\\\n")
        #expect(object["code"] == .string(code) && object["retryable"] == .bool(retryable))
        #expect(object["message"]?.stringValue?.isEmpty == false && object["reason"] == object["message"])
        for (key, value) in extra { #expect(object[key] == value) }
        #expect(object.count == 6 + extra.count)
    }

    @Test func longNamesAreCutBeforeTheyAreSentBack() {
        for text in [String(repeating: "x", count: 9_000), "a" + String(repeating: "\u{301}", count: 9_000)] {
            #expect(ErrorMessage(.unknownMessageType(text)).message.utf8.count < 300)
        }
    }

    @Test func closeCodesAndReasonsAreUnique() {
        #expect(Set(PeerClose.allCases.map(\.code)).count == PeerClose.allCases.count)
        #expect(Set(PeerClose.allCases.map(\.reason)).count == PeerClose.allCases.count)
        #expect(PeerClose.allCases.allSatisfy { (1...123).contains($0.reason.utf8.count) })
    }
}

func decoded(_ bytes: [UInt8]) throws -> JSONObject {
    try #require(try JSONValue.parse(bytes, maxDepth: 64).objectValue)
}
