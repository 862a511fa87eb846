/// Reads tokens by the grammar of ``SearchQuery``, one method per rule.
struct SearchParser {
    private let tokens: [SearchToken]
    var next = 0
    private var depth = 0
    private var terms = 0
    var globs = 0

    private init(_ tokens: [SearchToken]) { self.tokens = tokens }

    static func parse(_ text: String) throws(SearchFault) -> SearchExpression {
        var parser = SearchParser(try SearchLexer.tokens(of: text))
        let expression = try parser.disjunction()
        guard parser.current.kind == .end else { throw parser.faultAfterTerm() }
        return expression
    }

    var current: SearchToken { tokens[min(next, tokens.count - 1)] }

    private mutating func take(_ keyword: String) -> Bool {
        guard current.is(keyword) else { return false }
        next += 1
        return true
    }

    mutating func take(_ kind: SearchToken.Kind) -> Bool {
        guard current.kind == kind else { return false }
        next += 1
        return true
    }

    func fault(expected: String, remedy: String) -> SearchFault {
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

    mutating func countTerm(at position: Int) throws(SearchFault) {
        terms += 1
        guard terms <= SearchLimits.terms else {
            throw SearchFault(
                position, "this is the \(terms)th comparison or value of IN",
                expected: "at most \(SearchLimits.terms)", remedy: "ask in several queries")
        }
    }
}
