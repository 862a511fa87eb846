import JSONWire
import RoomCore
import Testing
import WireMessages

@Suite struct WriteDecodingTests {
    @Test func aPublicationIsReadWhole() throws {
        let (write, key) = try Vectors.write(
            #"""
            {"type":"registry_publish","model":{"id":"a3f5e8c9","name":"mouse","model_type":"centroid","status":"training",
             "tags":["validated","validated"],"notes":"n","trained_by":"u","trained_on_worker":"gpu-1",
             "trained_at":"2025-11-11T12:00:00Z","parent_id":"b3f5e8c9-2","source":"local-import","protected":true,
             "digest":"\#(Vectors.digest)","size_bytes":1,"worker_path":"/m",
             "files":[{"path":"best.ckpt","size":5,"sha256":"\#(Vectors.digest)"}],
             "metrics":{"val_loss":0.5},"training":{"epochs":3},"hyperparameters":{"lr":1},"wandb":{"run_id":"r"},
             "sleap_nn_version":"0.1.0","git_commit":"abc","storage":{"s3":"s3://b/k","wandb_artifact":"x"}},
             "alias":"prod","force_alias":true,"on_conflict":"suffix","if_revision":4,"copy":false,"idempotency_key":"k"}
            """#)
        guard case .publish(let publication) = write else { throw Vectors.Unexpected(text: "\(write)") }
        #expect(key?.text == "k")
        #expect(publication.id.text == "a3f5e8c9" && publication.alias?.text == "prod" && publication.forceAlias)
        #expect(publication.onConflict == .suffix && publication.ifRevision == Revision(4) && !publication.recordsCopy)
        #expect(publication.workerPath == "/m" && publication.files?.count == 1)
        #expect(publication.digest?.text == Vectors.digest)
        let fields = publication.fields
        #expect(fields.name == .set("mouse") && fields.type == .set(.centroid) && fields.status == .training)
        #expect(fields.tags == ["validated"] && fields.source == .localImport && fields.isProtected == true)
        #expect(
            fields.trainedAt.value?.description == "2025-11-11T12:00:00Z"
                && fields.parentID.value?.suffixed(3).text == "b3f5e8c9-3")
        #expect(fields.metrics.value == ["val_loss": 0.5] && fields.s3 == .set("s3://b/k"))
        // The files say how large a model is.
        #expect(fields.sizeBytes == .absent)
    }

    @Test func aPublicationWithoutIDTakesItFromItsDigest() throws {
        for text in [
            #"{"type":"registry_publish","model":{"files":[{"path":"a","size":1,"sha256":"\#(Vectors.digest)"}]}}"#,
            #"{"type":"registry_publish","model":{"id":null,"digest":"\#(Vectors.digest)"}}"#,
        ] {
            guard case (.publish(let publication), nil) = try Vectors.write(text) else {
                throw Vectors.Unexpected(text: text)
            }
            #expect(publication.id.text == "aaaaaaaa" && publication.digest?.text == Vectors.digest)
            #expect(publication.onConflict == .error && publication.recordsCopy && publication.alias == nil)
        }
    }

    @Test func nullsInAPublicationSayNothing() throws {
        let (write, _) = try Vectors.write(
            #"{"type":"registry_publish","model":{"id":"aaaaaaaa","name":null,"notes":null,"metrics":null,"wandb":null}}"#
        )
        guard case .publish(let publication) = write else { throw Vectors.Unexpected(text: "\(write)") }
        #expect(publication.fields.name == .absent && publication.fields.notes == .absent)
        #expect(publication.fields.metrics == .absent && publication.fields.wandb == .absent)
    }

    @Test func anUpdateSetsClearsAndTags() throws {
        let (write, _) = try Vectors.write(
            #"""
            {"type":"registry_update","model_id":"prod","set":{"notes":"x","name":null,"protected":false},
             "add_tags":["a"],"remove_tags":["b c"],"if_model_revision":9}
            """#)
        guard case .update(let update) = write else { throw Vectors.Unexpected(text: "\(write)") }
        #expect(update.model == "prod" && update.fields.notes == .set("x") && update.fields.name == .cleared)
        #expect(update.fields.isProtected == false && update.addTags == ["a"] && update.removeTags == ["b c"])
        #expect(update.ifModelRevision == Revision(9) && update.fields.type == .absent)
    }

    @Test func anAliasMovesIsTakenAwayAndIsCompared() throws {
        for (text, model, expected) in [
            (#"{"type":"registry_alias","alias":"prod","model_id":"aaaaaaaa"}"#, "aaaaaaaa", Field<ModelID>.absent),
            (#"{"type":"registry_alias","alias":"prod","model_id":null}"#, nil, .absent),
            (
                #"{"type":"registry_alias","alias":"prod","model_id":"a","expected_model_id":null}"#, "a",
                .cleared
            ),
            (
                #"{"type":"registry_alias","alias":"prod","model_id":"a","expected_model_id":"bbbbbbbb"}"#, "a",
                .set(ModelID(trusted: "bbbbbbbb"))
            ),
        ] {
            guard case (.alias(let move), nil) = try Vectors.write(text) else { throw Vectors.Unexpected(text: text) }
            #expect(move.alias.text == "prod" && move.model == model && move.expected == expected && !move.force)
        }
        let (write, _) = try Vectors.write(
            #"{"type":"registry_alias","alias":"prod","model_id":"a","force":true,"reason":"better"}"#)
        guard case .alias(let move) = write else { throw Vectors.Unexpected(text: "\(write)") }
        #expect(move.force && move.reason == "better")
    }

    @Test func withdrawalsRestorationsAndCopiesAreRead() throws {
        guard
            case (.withdraw("prod", "old"), nil) = try Vectors.write(
                #"{"type":"registry_withdraw","model_id":"prod","reason":"old"}"#),
            case (.restore("aaaaaaaa", nil), _?) = try Vectors.write(
                #"{"type":"registry_restore","model_id":"aaaaaaaa","idempotency_key":"k"}"#),
            case (.copy(let copy), nil) = try Vectors.write(
                #"{"type":"registry_copy","model_id":"a","available":true,"path":"/m","digest":"\#(Vectors.digest)"}"#)
        else { throw Vectors.Unexpected(text: "a write") }
        #expect(copy.model == "a" && copy.available && copy.path == "/m" && copy.digest?.text == Vectors.digest)
    }

    /// Each bad field is answered with its code and its own name in front.
    @Test(arguments: [
        ("registry_publish", #""x":1"#, "INVALID_MESSAGE", "model: is required"),
        ("registry_publish", #""model":[]"#, "INVALID_MESSAGE", "model: must be an object"),
        ("registry_publish", #""model":{}"#, "INVALID_MESSAGE", "model.id: is required when"),
        ("registry_publish", #""model":{"id":"A3F5E8C9"}"#, "INVALID_MESSAGE", "model.id: a model id is"),
        ("registry_publish", #""model":{"id":7}"#, "INVALID_MESSAGE", "model.id: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa","digest":"x"}"#, "INVALID_MESSAGE", "model.digest: "),
        (
            "registry_publish",
            #""model":{"digest":"\#(String(repeating: "b", count: 64))","files":[{"path":"a","size":1,"sha256":"\#(Vectors.digest)"}]}"#,
            "INVALID_MESSAGE", "model.digest: does not belong to these files"
        ),
        ("registry_publish", #""model":{"id":"aaaaaaaa","files":{}}"#, "INVALID_MESSAGE", "model.files: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa","files":[1]}"#, "INVALID_MESSAGE", "model.files[0]: "),
        (
            "registry_publish",
            #""model":{"id":"aaaaaaaa","files":[{"path":"../a","size":1,"sha256":"\#(Vectors.digest)"}]}"#,
            "INVALID_MESSAGE", "model.files[0].path: "
        ),
        (
            "registry_publish",
            #""model":{"id":"aaaaaaaa","files":[{"path":"a","size":-1,"sha256":"\#(Vectors.digest)"}]}"#,
            "INVALID_MESSAGE", "model.files[0].size: "
        ),
        (
            "registry_publish", #""model":{"id":"aaaaaaaa","files":[{"path":"a","size":1}]}"#, "INVALID_MESSAGE",
            "model.files[0].sha256: is required"
        ),
        ("registry_publish", #""model":{"id":"aaaaaaaa","name":""}"#, "INVALID_MESSAGE", "model.name: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa","model_type":"x"}"#, "INVALID_MESSAGE", "model.model_type: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa","status":1}"#, "INVALID_MESSAGE", "model.status: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa","tags":["a b"]}"#, "INVALID_MESSAGE", "model.tags: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa","trained_at":"now"}"#, "INVALID_MESSAGE", "model.trained_at: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa","metrics":{"a":"b"}}"#, "INVALID_MESSAGE", "model.metrics: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa","storage":{"s3":1}}"#, "INVALID_MESSAGE", "model.storage.s3: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa","protected":1}"#, "INVALID_MESSAGE", "model.protected: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa","worker_path":1}"#, "INVALID_MESSAGE", "model.worker_path: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa"},"alias":"all""#, "ALIAS_INVALID", "alias: an alias is"),
        ("registry_publish", #""model":{"id":"aaaaaaaa"},"alias":7"#, "ALIAS_INVALID", "alias: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa"},"force_alias":1"#, "INVALID_MESSAGE", "force_alias: "),
        (
            "registry_publish", #""model":{"id":"aaaaaaaa"},"on_conflict":"win""#, "INVALID_MESSAGE",
            "on_conflict: must be one of error, suffix, replace"
        ),
        ("registry_publish", #""model":{"id":"aaaaaaaa"},"if_revision":-1"#, "INVALID_MESSAGE", "if_revision: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa"},"if_revision":1.5"#, "INVALID_MESSAGE", "if_revision: "),
        ("registry_publish", #""model":{"id":"aaaaaaaa"},"copy":"no""#, "INVALID_MESSAGE", "copy: "),
        (
            "registry_publish", #""model":{"id":"aaaaaaaa"},"idempotency_key":"""#, "INVALID_MESSAGE",
            "idempotency_key: "
        ),
        ("registry_publish", #""model":{"id":"aaaaaaaa"},"idempotency_key":5"#, "INVALID_MESSAGE", "idempotency_key: "),
        ("registry_update", #""set":{}"#, "INVALID_MESSAGE", "model_id: is required"),
        ("registry_update", #""model_id":"a","set":1"#, "INVALID_MESSAGE", "set: must be an object"),
        ("registry_update", #""model_id":"a","set":{"id":"b"}"#, "INVALID_MESSAGE", "set.id: cannot be set"),
        ("registry_update", #""model_id":"a","set":{"files":[]}"#, "INVALID_MESSAGE", "set.files: cannot be set"),
        ("registry_update", #""model_id":"a","set":{"version":2}"#, "INVALID_MESSAGE", "set.version: cannot be set"),
        ("registry_update", #""model_id":"a","set":{"copies":[]}"#, "INVALID_MESSAGE", "set.copies: cannot be set"),
        (
            "registry_update", #""model_id":"a","set":{"alias":"b"}"#, "INVALID_MESSAGE",
            "set.alias: cannot be set; use registry_alias"
        ),
        ("registry_update", #""model_id":"a","set":{"notes":1}"#, "INVALID_MESSAGE", "set.notes: "),
        ("registry_update", #""model_id":"a","add_tags":["a b"]"#, "INVALID_MESSAGE", "add_tags: "),
        ("registry_update", #""model_id":"a","remove_tags":"x""#, "INVALID_MESSAGE", "remove_tags: "),
        ("registry_update", #""model_id":"a","if_model_revision":"1""#, "INVALID_MESSAGE", "if_model_revision: "),
        ("registry_alias", #""alias":"prod""#, "INVALID_MESSAGE", "model_id: is required; null takes"),
        ("registry_alias", #""model_id":"a""#, "INVALID_MESSAGE", "alias: is required"),
        ("registry_alias", #""alias":"deadbeef","model_id":"a""#, "ALIAS_INVALID", "alias: an alias is"),
        ("registry_alias", #""alias":"p","model_id":7"#, "INVALID_MESSAGE", "model_id: "),
        (
            "registry_alias", #""alias":"p","model_id":"a","expected_model_id":"x""#, "INVALID_MESSAGE",
            "expected_model_id: "
        ),
        ("registry_alias", #""alias":"p","model_id":"a","force":"x""#, "INVALID_MESSAGE", "force: "),
        ("registry_withdraw", #""reason":"x""#, "INVALID_MESSAGE", "model_id: is required"),
        ("registry_withdraw", #""model_id":"a","reason":5"#, "INVALID_MESSAGE", "reason: "),
        ("registry_restore", #""model_id":null"#, "INVALID_MESSAGE", "model_id: is required"),
        ("registry_copy", #""model_id":"a""#, "INVALID_MESSAGE", "available: is required"),
        ("registry_copy", #""model_id":"a","available":1"#, "INVALID_MESSAGE", "available: must be true or false"),
        ("registry_copy", #""model_id":"a","available":true,"path":1"#, "INVALID_MESSAGE", "path: "),
        ("registry_copy", #""model_id":"a","available":true,"digest":"x""#, "INVALID_MESSAGE", "digest: "),
    ])
    func aBadFieldIsNamed(type: String, fields: String, code: String, message: String) throws {
        let error = try #require(try Vectors.refusal(of: #"{"type":"\#(type)",\#(fields)}"#))
        #expect(error.code == code && error.message.hasPrefix(message) && !error.retryable, "\(error.message)")
    }

    @Test func tooLongTextsAreRefused() throws {
        let long = String(repeating: "x", count: 5000)
        for text in [
            #"{"type":"registry_withdraw","model_id":"\#(long)"}"#,
            #"{"type":"registry_withdraw","model_id":"a","reason":"\#(long)"}"#,
            #"{"type":"registry_copy","model_id":"a","available":true,"path":"\#(long)"}"#,
            #"{"type":"registry_publish","model":{"id":"aaaaaaaa","notes":"\#(long)"}}"#,
            #"{"type":"registry_publish","model":{"id":"aaaaaaaa"},"idempotency_key":"\#(long)"}"#,
        ] {
            let error = try #require(try Vectors.refusal(of: text))
            #expect(error.code == "INVALID_MESSAGE" && error.message.utf8.count < 300)
        }
    }

    @Test func signalingIsNoRegistryRequest() throws {
        for type in ["register", "offer", "answer", "candidate", "peer_message", "discover_peers", "update_metadata"] {
            #expect(try Vectors.refusal(of: #"{"type":"\#(type)"}"#)?.code == "UNKNOWN_MESSAGE_TYPE")
        }
    }
}
