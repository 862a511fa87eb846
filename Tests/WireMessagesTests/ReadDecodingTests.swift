import JSONWire
import RoomCore
import Testing
import WireMessages

@Suite struct ReadDecodingTests {
    private func list(_ fields: String) throws -> ListQuery {
        guard
            case .listModels(let list) = try Vectors.query(
                #"{"type":"registry_query","command":"list_models"\#(fields)}"#)
        else { throw Vectors.Unexpected(text: fields) }
        return list
    }

    @Test func aBareListHasItsDefaults() throws {
        let list = try list("")
        #expect(list.filter.isOpen && list.order == .newestFirst && list.limit == 100 && list.cursor == nil)
        #expect(try self.list(#","filters":null,"sort":null,"limit":null,"cursor":null"#).limit == 100)
    }

    @Test func everyFilterIsRead() throws {
        let filter = try list(
            #"""
            ,"sort":"-metrics.val_loss","limit":500,"filters":{"status":"completed","model_type":"centroid",
             "tags":["a","b"],"name":"n","alias":"prod","trained_by":"u","worker":"gpu-1","available":true,"stored":false,
             "text":"MoUsE","parent_id":"aaaaaaaa","include_deleted":true,
             "metrics":{"l":{"$lt":1,"$lte":2},"m":{"$gt":3,"$gte":4,"$eq":5}}}
            """#
        ).filter
        #expect(filter.status == .completed && filter.type == .centroid && filter.tags == ["a", "b"])
        #expect(filter.name == "n" && filter.alias?.text == "prod" && filter.trainedBy == "u")
        #expect(filter.worker?.text == "gpu-1" && filter.available == true && filter.stored == false)
        #expect(filter.text == "mouse" && filter.parentID?.text == "aaaaaaaa" && filter.includeDeleted)
        #expect(
            filter.metrics.map { "\($0.metric)\($0.comparison.rawValue)\($0.bound)" }
                == ["l$lt1.0", "l$lte2.0", "m$gt3.0", "m$gte4.0", "m$eq5.0"])
    }

    @Test func aCursorContinuesItsOwnOrderOnly() throws {
        var room = SampleRoom()
        try room.perform(#"{"type":"registry_publish","model":{"id":"aaaaaaaa","name":"n|m"}}"#)
        let model = try room.entry("aaaaaaaa").model
        for order in [
            ModelOrder.newestFirst, ModelOrder(key: .name, descending: false),
            ModelOrder(key: .sizeBytes, descending: true),
        ] {
            let cursor = PageCursor(order: order, after: model)
            let fields = #","sort":"\#(order.text)","cursor":"\#(cursor.text)""#
            #expect(try list(fields).cursor == cursor)
        }
        let other = PageCursor(order: ModelOrder(key: .name, descending: true), after: model).text
        let error = try Vectors.refusal(of: #"{"type":"registry_query","command":"list_models","cursor":"\#(other)"}"#)
        #expect(error?.message == "cursor: must be a next_cursor of the same sort")
    }

    @Test func everyCommandIsRead() throws {
        guard
            case .modelInfo("prod", at: nil) = try Vectors.query(
                #"{"type":"registry_query","command":"get_model_info","model_id":"prod"}"#),
            case .modelInfo("a", at: .revision(Revision(3))) = try Vectors.query(
                #"{"type":"registry_query","command":"get_model_info","model_id":"a","at_revision":3}"#),
            case .modelExists("a") = try Vectors.query(
                #"{"type":"registry_query","command":"check_model_exists","model_id":"a"}"#),
            case .compare(["a", "b"]) = try Vectors.query(
                #"{"type":"registry_query","command":"compare_models","model_ids":["a","b","a"]}"#),
            case .manifest(at: .moment(Timestamp(seconds: 0))) = try Vectors.query(
                #"{"type":"registry_query","command":"manifest","at_time":"1970-01-01T00:00:00Z"}"#),
            case .manifest(at: nil) = try Vectors.query(#"{"type":"registry_query","command":"manifest"}"#)
        else { throw Vectors.Unexpected(text: "a query") }
    }

    @Test func historyIsOfARoomAModelOrAnAlias() throws {
        for (fields, subject, after, limit) in [
            ("", HistoryQuery.Subject.room, 0, 100), (#","model_id":"prod""#, .model("prod"), 0, 100),
            (#","alias":"prod","after_revision":5,"limit":7"#, .alias(Alias(trusted: "prod")), 5, 7),
        ] {
            let text = #"{"type":"registry_query","command":"history"\#(fields)}"#
            guard case .history(let history) = try Vectors.query(text) else { throw Vectors.Unexpected(text: text) }
            #expect(history.subject == subject && history.after.number == after && history.limit == limit)
        }
    }

    @Test func onlyThePastNeedsTheRecord() throws {
        for (fields, needs) in [
            (#""command":"list_models""#, false), (#""command":"get_model_info","model_id":"a""#, false),
            (#""command":"get_model_info","model_id":"a","at_revision":0"#, true), (#""command":"manifest""#, false),
            (#""command":"manifest","at_time":"2025-01-01T00:00:00Z""#, true), (#""command":"history""#, true),
            (#""command":"check_model_exists","model_id":"a""#, false),
            (#""command":"compare_models","model_ids":["a","b"]"#, false),
        ] {
            #expect(try Vectors.query(#"{"type":"registry_query",\#(fields)}"#).needsRecord == needs, "\(fields)")
        }
    }

    @Test func aSubscriptionBeginsSomewhereOrAnew() throws {
        guard
            case .subscribe(let bare) = try Vectors.request(#"{"type":"registry_subscribe"}"#),
            case .subscribe(let full) = try Vectors.request(
                #"{"type":"registry_subscribe","since":{"epoch":"e","revision":3},"filters":{"tags":["x"]},"presence":true}"#
            ),
            case .unsubscribe = try Vectors.request(#"{"type":"registry_unsubscribe"}"#)
        else { throw Vectors.Unexpected(text: "a subscription") }
        #expect(bare.since == nil && bare.filter.isOpen && !bare.presence)
        #expect(full.since?.epoch.text == "e" && full.since?.revision == Revision(3))
        #expect(full.filter.tags == ["x"] && full.presence)
    }

    @Test(arguments: [
        (#""x":1"#, "command: is required"), (#""command":1"#, "command: "),
        (#""command":"drop""#, "command: must be one of list_models, get_model_info"),
        (#""command":"list_models","filters":[]"#, "filters: must be an object"),
        (#""command":"list_models","filters":{"status":"x"}"#, "filters.status: "),
        (#""command":"list_models","filters":{"tags":"x"}"#, "filters.tags: "),
        (#""command":"list_models","filters":{"available":"x"}"#, "filters.available: "),
        (#""command":"list_models","filters":{"parent_id":"x"}"#, "filters.parent_id: "),
        (#""command":"list_models","filters":{"metrics":{"l":1}}"#, "filters.metrics.l: "),
        (#""command":"list_models","filters":{"metrics":{"l":{"lt":1}}}"#, "filters.metrics.l: knows $lt"),
        (
            #""command":"list_models","filters":{"metrics":{"l":{"$lt":"x"}}}"#,
            "filters.metrics.l.$lt: must be a number"
        ),
        (#""command":"list_models","sort":"colour""#, "sort: must be one of"),
        (#""command":"list_models","sort":"metrics.""#, "sort: must be one of"),
        (#""command":"list_models","limit":0"#, "limit: must be a whole number from 1 to 500"),
        (#""command":"list_models","limit":501"#, "limit: "), (#""command":"list_models","limit":"5""#, "limit: "),
        (#""command":"list_models","cursor":"zz""#, "cursor: "),
        (#""command":"get_model_info""#, "model_id: is required"),
        (#""command":"get_model_info","model_id":"a","at_revision":-1"#, "at_revision: "),
        (#""command":"get_model_info","model_id":"a","at_time":"x""#, "at_time: "),
        (#""command":"manifest","at_revision":1,"at_time":"2025-01-01T00:00:00Z""#, "at_time: give at_revision or"),
        (#""command":"check_model_exists","model_id":{}"#, "model_id: "),
        (#""command":"compare_models","model_ids":["a"]"#, "model_ids: must name 2 to 10"),
        (#""command":"compare_models","model_ids":["a","a"]"#, "model_ids: must name 2 to 10"),
        (#""command":"compare_models","model_ids":[1,2]"#, "model_ids: must name 2 to 10"),
        (#""command":"compare_models","model_ids":["a","b","c","d","e","f","g","h","i","j","k"]"#, "model_ids: "),
        (#""command":"history","after_revision":"x""#, "after_revision: "),
        (#""command":"history","limit":501"#, "limit: "),
    ])
    func aBadFieldIsNamed(fields: String, message: String) throws {
        let error = try #require(try Vectors.refusal(of: #"{"type":"registry_query",\#(fields)}"#))
        #expect(error.code == "INVALID_MESSAGE" && error.message.hasPrefix(message), "\(error.message)")
    }

    @Test(arguments: [
        (#""since":1"#, "since: must be an object"), (#""since":{"epoch":"e"}"#, "since.revision: is required"),
        (#""since":{"revision":1}"#, "since.epoch: is required"),
        (#""since":{"epoch":"a b","revision":1}"#, "since.epoch: "),
        (#""since":{"epoch":"e","revision":-1}"#, "since.revision: "), (#""filters":1"#, "filters: "),
        (#""presence":1"#, "presence: "),
    ])
    func aBadSubscriptionIsNamed(fields: String, message: String) throws {
        let error = try #require(try Vectors.refusal(of: #"{"type":"registry_subscribe",\#(fields)}"#))
        #expect(error.code == "INVALID_MESSAGE" && error.message.hasPrefix(message), "\(error.message)")
    }

    @Test func thePageLimitIsTheServers() throws {
        var limits = WireLimits()
        limits.pageModels = 3
        func refusal(ofLimit limit: Int) throws -> ErrorMessage? {
            let text = #"{"type":"registry_query","command":"list_models","limit":\#(limit)}"#
            return try Vectors.refusal(of: text, limits: limits)
        }
        #expect(try refusal(ofLimit: 3) == nil)
        #expect(try refusal(ofLimit: 4)?.message == "limit: must be a whole number from 1 to 3")
        guard
            case .query(.listModels(let list)) = try Vectors.request(
                #"{"type":"registry_query","command":"list_models"}"#, limits: limits)
        else { throw Vectors.Unexpected(text: "a list") }
        #expect(list.limit == 3)
    }

    @Test func requestIDsAreOneTo64Characters() {
        #expect(RequestID("a")?.text == "a" && RequestID(String(repeating: "ä", count: 64)) != nil)
        #expect(RequestID("") == nil && RequestID(String(repeating: "a", count: 65)) == nil)
        #expect(IdempotencyKey(String(repeating: "k", count: 128)) != nil)
        #expect(IdempotencyKey("") == nil && IdempotencyKey(String(repeating: "k", count: 129)) == nil)
        // One character can be any number of bytes.
        #expect(RequestID("e" + String(repeating: "\u{301}", count: 500)) == nil)
    }
}
