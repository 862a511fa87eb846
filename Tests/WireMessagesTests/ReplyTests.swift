import JSONWire
import RoomCore
import Testing
import WireMessages

@Suite struct ReplyTests {
    private static let epoch = Epoch(trusted: "e1")
    private static let entryFields = """
        id name version model_type status alias aliases tags notes trained_by trained_on_worker trained_at published_by \
        published_at parent_id source digest size_bytes files training metrics hyperparameters sleap_nn_version \
        git_commit wandb storage copies available_on_workers revision created_revision deleted_at protected
        """
    private let worker = Actor(
        user: UserID(trusted: "2"), username: "w", role: .workerToken(of: .publisher),
        worker: WorkerName(trusted: "gpu-1"))
    private let published = WriteRequest.publish(Publication(id: ModelID(trusted: "aaaaaaaa")))

    private func keys(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }

    private func draft() throws -> (Draft, Decision) {
        let empty = Manifest(room: RoomID(trusted: "r"), epoch: Self.epoch, updatedAt: Timestamp(seconds: 0))
        var draft = Draft(empty)
        let decision = try draft.decide(published, by: worker, at: Timestamp(seconds: 1))
        return (draft, decision)
    }

    private func manifest() throws -> (Manifest, ModelEntry) {
        let (draft, decision) = try draft()
        var manifest = draft.manifest
        for change in draft.changes { manifest.apply(change) }
        return (manifest, decision.entry)
    }

    @Test func writesAnswerWithTheirFields() throws {
        var (draft, decision) = try draft()
        let requests: [(WriteRequest, String, String)] = [
            (.update(ModelUpdate(model: "aaaaaaaa")), "registry_updated", "model"),
            (
                .alias(AliasMove(alias: Alias(trusted: "a"), model: "aaaaaaaa")), "registry_aliased",
                "alias model_id previous_model_id"
            ),
            (.copy(CopyReport(model: "aaaaaaaa", available: true)), "registry_copied", "model_id available_on_workers"),
            (.withdraw(model: "aaaaaaaa", reason: nil), "registry_withdrawn", "model_id"),
            (.restore(model: "aaaaaaaa", reason: nil), "registry_restored", "model_id"),
        ]
        let request = RequestID(trusted: "\"\\\n é\u{1}")
        func check(_ write: WriteRequest, _ type: String, _ fields: String) throws {
            let reply = RegistryReply.decided(write, decision, epoch: Self.epoch, presence: WorkerPresence())
            let object = try decoded(reply.frame(for: request))
            #expect(object["type"] == .string(type) && object["request_id"] == .string(request.text))
            #expect(Set(object.keys) == keys("type request_id revision epoch " + fields))
            #expect(object["revision"] == .integer(decision.revision.number))
        }
        try check(published, "registry_published", "model created")
        for (write, type, fields) in requests {
            decision = try draft.decide(write, by: worker, at: Timestamp(seconds: 2))
            try check(write, type, fields)
        }
    }

    @Test func entriesHaveEveryFieldOfTheContract() throws {
        let (_, entry) = try manifest()
        var presence = WorkerPresence()
        presence.arrive(WorkerName(trusted: "gpu-1"), at: Timestamp(seconds: 9))
        let object = try decoded(entry.encoded(presence: presence))
        #expect(Set(object.keys) == keys(Self.entryFields) && object["available_on_workers"] == ["gpu-1"])
        #expect(Set(object["storage"]?.objectValue?.keys ?? []) == ["s3", "wandb_artifact", "state"])
        let copy = object["copies"]?.arrayValue?.first?.objectValue
        #expect(Set(copy?.keys ?? []) == ["worker", "path", "online", "last_seen"])
    }

    private func historyQuery() throws -> RegistryQuery {
        let request = try RegistryRequest(.registryQuery, ["command": "history"], limits: WireLimits()) { $0 }
        guard case .query(let query) = request else { throw Refusal.invalid("not a query") }
        return query
    }

    @Test func queriesAnswerWithTheirFields() throws {
        let (manifest, entry) = try manifest()
        let none = WorkerPresence()
        let list = manifest.list(ListQuery(), presence: none, maxBytes: .max)
        let changes = try draft().0.changes
        let answers: [(RegistryReply, String)] = [
            (.models(.listModels(ListQuery()), list, of: manifest, presence: none), "models count next_cursor"),
            (.model(.modelInfo("a", at: nil), entry, of: manifest, presence: none), "model"),
            (
                .existence(.modelExists("x"), of: "x", nil, in: manifest, presence: none),
                "exists model_id stored available_on_workers"
            ),
            (
                .comparison(.compare([]), ModelComparison([entry, entry]), of: manifest, presence: none),
                "models differences best"
            ),
            (.history(try historyQuery(), changes, of: manifest, presence: none), "changes"),
            (.manifest(.manifest(at: nil), manifest, presence: none), "manifest"),
        ]
        for (reply, fields) in answers {
            let object = try decoded(reply.frame(for: nil))
            #expect(Set(object.keys) == keys("type command epoch revision " + fields))
            #expect(object["type"] == "registry_response")
        }
        let change = try decoded(answers[4].0.answer)["changes"]?.arrayValue?.first?.objectValue
        #expect(Set(change?.keys ?? []) == keys("revision at actor kind model_id alias before after reason"))
        let whole = try decoded(answers[5].0.answer)["manifest"]?.objectValue
        #expect(Set(whole?.keys ?? []) == keys("version room_id updated_at models aliases"))
    }

    @Test func eventsHaveTheirFields() throws {
        let (draft, decision) = try draft()
        let none = WorkerPresence()
        let event = try decoded(RegistryEvent.changed(draft.changes[0], epoch: Self.epoch, presence: none))
        #expect(Set(event.keys) == keys("type epoch revision at actor kind model_id model"))
        let page = try decoded(RegistryEvent.snapshot([decision.entry], isLast: true, presence: none))
        #expect(Set(page.keys) == keys("type models last") && page["last"] == true)
        let peer = RegistryEvent.presence(of: PeerID(trusted: "p"), role: .worker, online: true, properties: [:])
        #expect(Set(try decoded(peer).keys) == keys("type peer_id role online properties"))
        let mode = RegistryReply.subscribed(epoch: Self.epoch, revision: .zero, mode: .resume)
        #expect(Set(try decoded(mode.answer).keys) == keys("type epoch revision mode"))
        #expect(try decoded(RegistryReply.unsubscribed.answer) == ["type": "registry_unsubscribed"])
    }
}
