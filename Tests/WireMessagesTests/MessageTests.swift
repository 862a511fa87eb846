import JSONWire
import RoomCore
import Testing
import WireMessages

@Suite struct MessageTests {
    private func decode(_ type: MessageType, _ object: JSONObject) throws(Refusal) -> RegistryRequest {
        try RegistryRequest(type, object, limits: WireLimits(), sha256: { _ in String(repeating: "d", count: 64) })
    }

    private func parsed(_ bytes: [UInt8]) throws -> JSONObject {
        try #require(try JSONValue.parse(bytes, maxDepth: 64).objectValue)
    }

    @Test func theIDComesFromTheDigestWhenNoneIsProposed() throws {
        let hash = JSONValue.string(String(repeating: "a", count: 64))
        let request = try decode(
            .registryPublish,
            [
                "model": ["files": [["path": "best.ckpt", "size": 5, "sha256": hash]]], "alias": "prod",
                "idempotency_key": "k",
            ])
        guard case .write(.publish(let publication), let key) = request else { throw CancellationError() }
        #expect(publication.id.text == "dddddddd")
        #expect(publication.alias?.text == "prod" && key?.text == "k")
        #expect(publication.files?.map(\.path) == ["best.ckpt"])
    }

    @Test func aDigestThatIsNotTheFilesIsRefused() {
        let hash = JSONValue.string(String(repeating: "a", count: 64))
        #expect(throws: Refusal.self) {
            try decode(
                .registryPublish,
                ["model": ["digest": hash, "files": [["path": "a", "size": 1, "sha256": hash]]]])
        }
    }

    @Test(
        arguments: [
            ["path": "../x", "size": 1], ["path": "/x", "size": 1], ["path": "a", "size": -1],
            ["path": "a", "size": "1"],
            ["size": 1], ["path": "a"],
        ] as [JSONObject])
    func badFilesAreRefused(_ file: JSONObject) {
        var file = file
        file["sha256"] = .string(String(repeating: "a", count: 64))
        #expect(throws: Refusal.self) {
            try decode(.registryPublish, ["model": ["id": "aaaaaaaa", "files": [.object(file)]]])
        }
    }

    @Test func badAliasesHaveACodeOfTheirOwn() {
        for alias in ["-x", "deadbeef", "latest", ""] {
            do {
                _ = try decode(.registryAlias, ["alias": .string(alias), "model_id": "aaaaaaaa"])
                Issue.record("\(alias) was taken")
            } catch {
                #expect(ErrorMessage(error).code == "ALIAS_INVALID")
            }
        }
    }

    @Test func everyRefusalHasItsCodeAndFields() throws {
        let id = ModelID(trusted: "aaaaaaaa")
        let expected: [(Refusal, code: String, retryable: Bool, fields: Set<String>)] = [
            (.invalid("x"), "INVALID_MESSAGE", false, []), (.notInRoom, "NOT_IN_ROOM", false, []),
            (.forbidden("x"), "FORBIDDEN", false, []), (.modelNotFound("x"), "MODEL_NOT_FOUND", false, ["model_id"]),
            (.modelExists(id, digest: nil), "MODEL_EXISTS", false, ["model_id", "digest"]),
            (.aliasTaken(Alias(trusted: "a"), holder: id), "ALIAS_TAKEN", false, ["alias", "holder_model_id"]),
            (.aliasInvalid("x"), "ALIAS_INVALID", false, []),
            (.staleRevision(.zero, of: "room"), "STALE_REVISION", false, ["revision"]),
            (.limitReached("x"), "LIMIT_REACHED", false, []),
            (.rateLimited(retryAfterMilliseconds: 5), "RATE_LIMITED", true, ["retry_after_ms"]),
            (.tooLarge("x"), "TOO_LARGE", false, []),
            (.compacted(floor: .zero), "COMPACTED", false, ["oldest_revision"]),
            (.unavailable("x"), "UNAVAILABLE", true, []), (.unknownMessageType("x"), "UNKNOWN_MESSAGE_TYPE", false, []),
        ]
        for (refusal, code, retryable, fields) in expected {
            let message = try parsed(ErrorMessage(refusal).encoded(requestID: RequestID("q\"\n")))
            #expect(message["code"]?.stringValue == code && message["retryable"] == .bool(retryable))
            #expect(message["request_id"] == "q\"\n" && message["message"] == message["reason"])
            #expect(
                Set(message.keys)
                    == Set(["type", "request_id", "code", "message", "reason", "retryable"]).union(fields))
        }
    }

    @Test func anEntryHasEveryFieldOfTheContract() throws {
        var draft = Draft(
            Manifest(room: RoomID(trusted: "a1b2c3d4"), epoch: Epoch(trusted: "e"), updatedAt: Timestamp(seconds: 0)))
        let actor = Actor(
            user: UserID(trusted: "1"), username: "alice", role: .workerToken, worker: WorkerName(trusted: "gpu-1"))
        let request = WriteRequest.publish(Publication(id: ModelID(trusted: "aaaaaaaa")))
        let decision = try draft.decide(request, by: actor, at: Timestamp(seconds: 1))
        let reply = RegistryReply.decided(request, decision, epoch: Epoch(trusted: "e"), presence: WorkerPresence())
        let message = try parsed(reply.frame(for: RequestID("q")))
        #expect(message["request_id"] == "q" && message["type"] == "registry_published")
        #expect(
            Set(message["model"]?.objectValue?.keys ?? []) == [
                "id", "name", "version", "model_type", "status", "alias", "aliases", "tags", "notes", "trained_by",
                "trained_on_worker", "trained_at", "published_by", "published_at", "parent_id", "source", "digest",
                "size_bytes", "files", "training", "metrics", "hyperparameters", "sleap_nn_version", "git_commit",
                "wandb",
                "storage", "copies", "available_on_workers", "revision", "created_revision", "deleted_at", "protected",
            ])
    }

    @Test func credentialsHaveAnOrder() throws {
        func credential(_ object: JSONObject) throws -> Registration.Credential { try Registration(object).credential }
        #expect(try credential(["api_key": "slp_acct_a", "jwt": "j"]) == .accountKey("slp_acct_a"))
        #expect(try credential(["api_key": "slp_a", "jwt": "j"]) == .workerToken("slp_a"))
        #expect(try credential(["api_key": "other", "jwt": "j"]) == .jwt("j"))
        #expect(try credential(["api_key": "other"]) == .none)
        #expect(try Registration(["role": "pirate"]).role == .peer)
        #expect(throws: FieldFault.self) { try Registration(["peer_id": "a\"b"]) }
        #expect(throws: FieldFault.self) {
            try Registration(["metadata": ["x": .string(String(repeating: "x", count: PeerMetadata.maxBytes))]])
        }
    }

    @Test func closeCodesDifferAndMayTravel() {
        let codes = PeerClose.allCases.map(\.code)
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { (1000...1014).contains($0) || (4000...4999).contains($0) })
        #expect(PeerClose.allCases.allSatisfy { $0.reason.utf8.count <= 123 })
    }
}
