/// Reads tokens by the grammar of ``SearchQuery``, one method per rule.
struct SearchParser {
    private let tokens: [SearchToken]
    private var next = 0
    private var depth = 0
    private var terms = 0
    private var globs = 0

    private init(_ tokens: [SearchToken]) { self.tokens = tokens }

    static func parse(_ text: String) throws(SearchFault) -> SearchExpression {
        var parser = SearchParser(try SearchLexer.tokens(of: text))
        let expression = try parser.disjunction()
        guard parser.current.kind == .end else { throw parser.faultAfterTerm() }
        return expression
    }

    private var current: SearchToken { tokens[min(next, tokens.count - 1)] }

    private mutating func take(_ keyword: String) -> Bool {
        guard current.is(keyword) else { return false }
        next += 1
        return true
    }

    private mutating func take(_ kind: SearchToken.Kind) -> Bool {
        guard current.kind == kind else { return false }
        next += 1
        return true
    }

    private func fault(expected: String, remedy: String) -> SearchFault {
        SearchFault(current.position, "\(current.shown) stands here", expected: expected, remedy: remedy)
    }
}

// MARK: - Logic

extension SearchParser {
    private mutating func disjunction() throws(SearchFault) -> SearchExpression {
        var parts = [try conjunction()]
        while take("OR") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(SearchFault) -> SearchExpression {
        var parts = [try negation()]
        while take("AND") { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws(SearchFault) -> SearchExpression {
        let position = current.position
        guard take("NOT") else { return try primary() }
        let part = try nested(at: position) { (parser) throws(SearchFault) in try parser.negation() }
        return part.negated
    }

    private mutating func primary() throws(SearchFault) -> SearchExpression {
        let position = current.position
        guard take(.opening) else { return try comparison() }
        let part = try nested(at: position) { (parser) throws(SearchFault) in try parser.disjunction() }
        guard take(.closing) else {
            guard current.kind == .end else { throw faultAfterTerm(expected: "AND, OR or a closing parenthesis") }
            throw fault(
                expected: "a closing parenthesis", remedy: "close the parenthesis that opens at column \(position)")
        }
        return part
    }

    private mutating func nested(
        at position: Int, _ read: (inout SearchParser) throws(SearchFault) -> SearchExpression
    ) throws(SearchFault) -> SearchExpression {
        depth += 1
        guard depth <= SearchLimits.depth else {
            throw SearchFault(
                position, "this is the \(depth)th level of parentheses and NOT",
                expected: "at most \(SearchLimits.depth)", remedy: "write it flatter")
        }
        let part = try read(&self)
        depth -= 1
        return part
    }

    private func faultAfterTerm(expected: String = "AND, OR or the end") -> SearchFault {
        let remedy =
            current.kind == .closing
            ? "take the parenthesis away or open one before" : "join two comparisons with AND or OR"
        return fault(expected: expected, remedy: remedy)
    }
}

extension SearchExpression {
    fileprivate var negated: SearchExpression {
        if case .not(let part) = self { part } else { .not(self) }
    }
}

// MARK: - Comparisons

extension SearchParser {
    private mutating func comparison() throws(SearchFault) -> SearchExpression {
        let position = current.position
        let field = try field()
        try countTerm(at: position)
        func test(_ comparison: SearchTest.Comparison) -> SearchExpression {
            .test(SearchTest(field: field, comparison: comparison, position: position))
        }
        if take("EXISTS") { return test(.exists) }
        if take("IS") {
            let isNegated = take("NOT")
            guard take("NULL") else {
                throw fault(expected: isNegated ? "NULL" : "NULL or NOT NULL", remedy: "write IS NULL or IS NOT NULL")
            }
            return isNegated ? test(.exists) : .not(test(.exists))
        }
        if take("NOT") {
            guard take("IN") else { throw fault(expected: "IN", remedy: "write NOT IN (…), or NOT before the field") }
            return .not(test(.oneOf(try list(for: field))))
        }
        if take("IN") { return test(.oneOf(try list(for: field))) }
        return try operation(on: field, test)
    }

    private mutating func operation(
        on field: SearchField, _ test: (SearchTest.Comparison) -> SearchExpression
    ) throws(SearchFault) -> SearchExpression {
        let sign = current
        if take("HAS") {
            guard field.isList else {
                throw SearchFault(
                    sign.position, "\(field.name) holds one value", expected: "one of = != < <= > >= ~ IN IS EXISTS",
                    remedy: "write \(field.name) = …")
            }
            return test(.equal(try value(for: field)))
        }
        switch sign.kind {
        case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual, .glob: next += 1
        default:
            throw fault(
                expected: "one of = != < <= > >= ~ HAS IN IS EXISTS", remedy: "say what \(field.name) is compared with")
        }
        if sign.kind == .glob { return test(.like(try glob(for: field, sign))) }
        if sign.kind != .equal, sign.kind != .unequal { try requireOrder(of: field, sign) }
        let value = try value(for: field)
        if case .flag = value, sign.kind != .equal, sign.kind != .unequal { throw Self.noOrder(field, sign) }
        return switch sign.kind {
        case .unequal: .not(test(.equal(value)))
        case .less: test(.less(value))
        case .lessOrEqual: test(.lessOrEqual(value))
        case .greater: test(.greater(value))
        case .greaterOrEqual: test(.greaterOrEqual(value))
        default: test(.equal(value))
        }
    }

    private func requireOrder(of field: SearchField, _ sign: SearchToken) throws(SearchFault) {
        switch field.kind {
        case .number, .time, .text, .free, .object: return
        case .flag, .choice: throw Self.noOrder(field, sign)
        }
    }

    private static func noOrder(_ field: SearchField, _ sign: SearchToken) -> SearchFault {
        SearchFault(
            sign.position, "\(field.name) has no order to compare by", expected: "= or !=",
            remedy: "write = or !=, or IN for several")
    }

    private mutating func countTerm(at position: Int) throws(SearchFault) {
        terms += 1
        guard terms <= SearchLimits.terms else {
            throw SearchFault(
                position, "this is the \(terms)th comparison or value of IN",
                expected: "at most \(SearchLimits.terms)", remedy: "ask in several queries")
        }
    }
}

// MARK: - Fields

extension SearchParser {
    private static let keywords: Set<String> = ["AND", "OR", "NOT", "IN", "IS", "HAS", "EXISTS", "NULL"]

    private mutating func field() throws(SearchFault) -> SearchField {
        let start = current
        guard case .word(let first) = start.kind, !Self.keywords.contains(first.uppercased()) else {
            throw fault(
                expected: "a field such as name, tags or metrics.val_loss, NOT or a parenthesis",
                remedy: "write comparisons as in type = \"centroid\" AND metrics.val_loss < 0.03")
        }
        next += 1
        var parts = [first]
        while take(.dot) {
            switch current.kind {
            case .word(let part), .text(let part): parts.append(part)
            default:
                throw fault(
                    expected: "a name after the dot", remedy: "put unusual names in quotes, as in metrics.\"0\"")
            }
            next += 1
        }
        guard let field = SearchField(parts) else { throw Self.unknown(parts, at: start.position) }
        return field
    }

    private static func unknown(_ parts: [String], at position: Int) -> SearchFault {
        let near = SearchField.names(like: parts)
        return SearchFault(
            position, "there is no field \(SearchToken.cut(parts.joined(separator: ".")))",
            expected: near.isEmpty ? "a field of the model entry" : near.joined(separator: " or "),
            remedy: near.isEmpty
                ? "name a field of the model entry, such as name, tags, model_type or metrics.val_loss"
                : "write \(near[0])")
    }
}

// MARK: - Values

extension SearchParser {
    private mutating func list(for field: SearchField) throws(SearchFault) -> [SearchValue] {
        guard take(.opening) else {
            throw fault(expected: "an opening parenthesis", remedy: "write IN (\"a\", \"b\")")
        }
        var values = [try value(for: field)]
        while take(.comma) {
            try countTerm(at: current.position)
            values.append(try value(for: field))
        }
        guard take(.closing) else {
            throw fault(expected: "a comma or a closing parenthesis", remedy: "write IN (\"a\", \"b\")")
        }
        return values
    }

    private mutating func value(for field: SearchField) throws(SearchFault) -> SearchValue {
        let token = current
        switch token.kind {
        case .text(let text):
            next += 1
            return try Self.value(text, for: field, at: token)
        case .number(let number):
            next += 1
            guard field.kind == .number || field.kind == .free else { throw Self.mismatch(field, token) }
            return .number(number)
        case .word(let word) where ["true", "false"].contains(word.lowercased()):
            next += 1
            guard field.kind == .flag || field.kind == .free else { throw Self.mismatch(field, token) }
            return .flag(word.lowercased() == "true")
        case .word(let word) where word.uppercased() == "NULL":
            throw fault(expected: "a value", remedy: "write IS NULL or IS NOT NULL")
        case .word(let word):
            throw fault(expected: Self.wanted(by: field), remedy: "put texts in quotes: \"\(SearchToken.cut(word))\"")
        default:
            throw fault(expected: Self.wanted(by: field), remedy: "give the value to compare \(field.name) with")
        }
    }

    private static func value(
        _ text: String, for field: SearchField, at token: SearchToken
    ) throws(SearchFault) -> SearchValue {
        switch field.kind {
        case .text: return .text(text)
        case .choice(let choices) where choices.contains(text): return .text(text)
        case .free: return SearchValue.time(text).map(SearchValue.time) ?? .text(text)
        case .time:
            guard let time = SearchValue.time(text) else { throw mismatch(field, token) }
            return .time(time)
        case .number, .flag, .choice, .object: throw mismatch(field, token)
        }
    }

    private mutating func glob(for field: SearchField, _ sign: SearchToken) throws(SearchFault) -> SearchGlob {
        switch field.kind {
        case .text, .choice, .free: break
        case .number, .time, .flag, .object:
            throw SearchFault(
                sign.position, "\(field.name) holds no text", expected: "one of = != < <= > >= IN IS EXISTS",
                remedy: "~ is for texts")
        }
        let token = current
        guard case .text(let pattern) = token.kind else {
            throw fault(expected: "a pattern in quotes", remedy: "write \(field.name) ~ \"mouse*\"")
        }
        next += 1
        globs += 1
        guard globs <= SearchLimits.globs else {
            throw SearchFault(
                token.position, "this is the \(globs)th pattern", expected: "at most \(SearchLimits.globs)",
                remedy: "use = or IN where the whole text is known")
        }
        guard let glob = SearchGlob(pattern) else {
            throw SearchFault(
                token.position, "this pattern is too long",
                expected: "at most \(SearchLimits.globRun) characters between two stars",
                remedy: "use = for long texts")
        }
        return glob
    }

    private static func mismatch(_ field: SearchField, _ token: SearchToken) -> SearchFault {
        SearchFault(
            token.position, "\(field.name) is never \(token.shown)", expected: wanted(by: field),
            remedy: remedy(for: field))
    }

    private static func wanted(by field: SearchField) -> String {
        switch field.kind {
        case .text: "a text in quotes"
        case .number: "a number"
        case .time: "a time in quotes"
        case .flag: "true or false"
        case .choice(let choices): "one of \(choices.map { "\"\($0)\"" }.joined(separator: ", "))"
        case .free: "a text in quotes, a number, true or false"
        case .object: "EXISTS, IS NULL or IS NOT NULL"
        }
    }

    private static func remedy(for field: SearchField) -> String {
        switch field.kind {
        case .text, .choice: "compare it as in \(field.name) = \"…\""
        case .number: "compare it as in \(field.name) > 1"
        case .time: "write times as \"2025-11-11T12:00:00Z\" or \"2025-11-11\""
        case .flag: "write \(field.name) = true"
        case .free, .object: "name a member, as in \(field.name).name"
        }
    }
}
