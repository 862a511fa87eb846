import RoomCore
import Testing

@Suite struct QueryFaultTests {
    private func fault(_ text: String) -> SearchFault? {
        do {
            _ = try SearchQuery(text)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("", 1, "a field"), ("   ", 4, "a field"), (#"name "x""#, 6, "one of ="), ("name =", 7, "a text in quotes"),
        (#"name = "x" tags HAS "y""#, 12, "AND, OR or the end"), (#"(name = "x""#, 12, "a closing parenthesis"),
        (#"name = "x")"#, 11, "AND, OR or the end"), (#"(name = "x" name = "y")"#, 13, "closing parenthesis"),
        (#"name = "x" AND"#, 15, "a field"), (#"OR name = "x""#, 1, "a field"), ("name = mouse", 8, "a text in quotes"),
        ("name = 5", 8, "a text in quotes"), (#"version = "5""#, 11, "a number"),
        (#"published_at > "soon""#, 16, "a time"),
        ("published_at > 5", 16, "a time"), ("protected = 1", 13, "true or false"), ("protected < true", 11, "= or !="),
        (#"type = "centriod""#, 8, #""centroid""#), (#"status > "failed""#, 8, "= or !="),
        (#"name HAS "x""#, 6, "one of ="), (#"version ~ "1*""#, 9, "one of ="), ("name ~ 5", 8, "a pattern"),
        (#"name IN "x""#, 9, "an opening"), (#"name IN ("x" "y")"#, 14, "a comma"), ("name IN ()", 10, "a text"),
        ("name IS 5", 9, "NULL"), ("name IS NOT 5", 13, "NULL"), ("name NOT = 5", 10, "IN"),
        ("name = NULL", 8, "a value"),
        (#"name = "x"#, 8, "a closing"), (#"name = "\x""#, 9, "one of"), ("metrics. < 1", 10, "a name after"),
        (#"metrics = "x""#, 11, "EXISTS"), ("metrics < 1", 11, "EXISTS"), ("name == 'x'", 6, "a field, a comparison"),
        ("name <> 'x'", 6, "a field, a comparison"), ("a && b", 3, "a field"), (#"name = "x" && b"#, 12, "a field"),
        ("metrics.a < 1.2.3", 16, "AND, OR"), ("metrics.a < 12x", 13, "a number"), ("metrics.a < 1e", 13, "a number"),
        ("metrics.a < true", 11, "= or !="), (#"é = "x""#, 1, "a field, a comparison"),
        (#"name = "é😀" x"#, 13, "AND, OR"),
    ])
    func faultsNameTheirColumnWhatWasExpectedAndARemedy(_ text: String, _ position: Int, _ expected: String) throws {
        let fault = try #require(self.fault(text))
        #expect(fault.position == position, "\(fault)")
        #expect(fault.expected.contains(expected), "\(fault)")
        #expect(!fault.remedy.isEmpty && fault.description.contains("column \(position): "))
    }

    @Test(arguments: [
        ("metric.val_loss < 1", "metrics.val_loss"), ("nmae = 'x'", "name"), ("tag_s HAS 'x'", "tags"),
        ("state = 'stored'", "storage.state"), ("published > 'x'", "published_at"), ("workers HAS 'x'", "worker"),
        ("hyperparameter.lr = 1", "hyperparameters.lr"), ("model_typ = 'x'", "model_type"),
    ])
    func unknownFieldsNameTheNearestOnes(_ text: String, _ near: String) throws {
        let fault = try #require(self.fault(text))
        #expect(fault.position == 1 && fault.expected.contains(near), "\(fault)")
        #expect(fault.remedy.hasPrefix("write "))
    }

    @Test func aFieldLikeNoneIsStillRefusedWithARemedy() throws {
        let fault = try #require(self.fault("zzzzzzzzzzzzzz = 1"))
        #expect(fault.position == 1 && fault.remedy.contains("metrics.val_loss"))
    }

    @Test func lengthDepthTermsAndPatternsAreBounded() throws {
        let term = #"name = "x""#
        func nested(_ count: Int) -> String {
            String(repeating: "(", count: count) + term + String(repeating: ")", count: count)
        }
        #expect(fault(nested(32)) == nil)
        #expect(try #require(fault(nested(33))).position == 33)
        #expect(try #require(fault(String(repeating: "NOT ", count: 33) + term)).position == 129)
        func list(_ count: Int) -> String {
            "version IN (" + Array(repeating: "1", count: count).joined(separator: ",") + ")"
        }
        #expect(fault(list(256)) == nil)
        #expect(try #require(fault(list(257))).expected == "at most 256")
        let long = #"name = ""# + String(repeating: "é", count: 2043) + #"""#
        #expect(long.utf8.count == 4095 && fault(long) == nil)
        #expect(try #require(fault(long + "  ")).expected == "at most 4096")
        #expect(try #require(fault(long + "  ")).position == 2054)
        let globs = Array(repeating: #"name ~ "x*""#, count: 17)
        #expect(fault(globs.dropLast().joined(separator: " OR ")) == nil)
        #expect(try #require(fault(globs.joined(separator: " OR "))).expected == "at most 16")
        func run(_ count: Int) -> String { #"name ~ "*"# + String(repeating: "a", count: count) + #"*""# }
        #expect(fault(run(64)) == nil)
        #expect(try #require(fault(run(65))).position == 8)
    }

    @Test func nothingThatIsWrittenStopsTheParser() {
        var random = Seeded(state: 11)
        let pieces = [
            #"name = "x""#, "tags HAS 'y'", "version < 5", "name", "tags", "metrics", ".", "val_loss", "=", "!=", "<",
            ">=", "~", "HAS", "IN", "(", ")", ",", "NOT",
            "AND", "OR", "IS", "NULL", "EXISTS", "\"x\"", "'", "\"", "\\", "5", "-", "1e", "true", "é", "\u{301}", "*",
        ]
        var read = 0
        for _ in 0..<10_000 {
            let text = (0...random.below(12)).map { _ in random.pick(pieces) }.joined(
                separator: random.pick([" ", ""]))
            guard let fault = self.fault(text) else {
                read += 1
                continue
            }
            #expect((1...text.unicodeScalars.count + 1).contains(fault.position), "\(text): \(fault)")
        }
        #expect(read > 20)
    }

    @Test(arguments: [
        ("available = true", 1), (#"name = "x" AND available_on_workers HAS "w""#, 16), ("copies.online = true", 1),
        (#"copies.last_seen > "2025-01-01""#, 1), ("revision > 5", 1),
    ])
    func liveQueriesAskOnlyAboutWhatChangesOfAModelMove(_ text: String, _ position: Int) throws {
        let query = try SearchQuery(text)
        #expect { try query.requireLive() } throws: { ($0 as? SearchFault)?.position == position }
        try SearchQuery(#"worker = "w" AND metrics.loss < 1"#).requireLive()
    }
}

@Suite struct GlobTests {
    /// The meaning of a pattern, by trying everything.
    private func matches(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            return matches(pattern.dropFirst(), text) || (!text.isEmpty && matches(pattern, text.dropFirst()))
        }
        guard let letter = text.first, first == "?" || first == letter else { return false }
        return matches(pattern.dropFirst(), text.dropFirst())
    }

    @Test func patternsMeanWhatTryingEverythingFinds() throws {
        var random = Seeded(state: 5)
        var found = 0
        for _ in 0..<4000 {
            let pattern = (0..<random.below(7)).map { _ in random.pick(["a", "b", "*", "?"]) }.joined()
            let name = (0...random.below(7)).map { _ in random.pick(["a", "b"]) }.joined()
            var room = Room()
            try room.publish("aaaaaaaa") { $0.fields.name = .set(name) }
            let expected = matches(Array(pattern)[...], Array(name)[...])
            let query = try SearchQuery("name ~ '\(pattern)'")
            #expect(
                query.matches(try room.entry("aaaaaaaa"), presence: WorkerPresence()) == expected, "\(pattern) \(name)")
            found += expected ? 1 : 0
        }
        #expect(found > 300)
    }

    @Test func aHostilePatternTakesNoLongerThanItsText() throws {
        var room = Room()
        try room.publish("aaaaaaaa") { $0.fields.notes = .set(String(repeating: "a", count: 4000)) }
        let entry = try room.entry("aaaaaaaa")
        let pattern =
            "*" + Array(repeating: String(repeating: "a", count: 62) + "?", count: 60).joined(separator: "*") + "b"
        let query = try SearchQuery("notes ~ '\(pattern)'")
        let clock = ContinuousClock()
        let taken = clock.measure {
            for _ in 0..<20 { #expect(!query.matches(entry, presence: WorkerPresence())) }
        }
        #expect(taken < .seconds(2))
    }
}
