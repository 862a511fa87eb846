/// The two sides of a comparison: a field, and what it is compared with.
extension SearchParser {
    private static let keywords: Set<String> = ["AND", "OR", "NOT", "IN", "IS", "HAS", "EXISTS", "NULL"]

    mutating func field() throws(SearchFault) -> SearchField {
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
    mutating func list(for field: SearchField) throws(SearchFault) -> [SearchValue] {
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

    mutating func value(for field: SearchField) throws(SearchFault) -> SearchValue {
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

    mutating func glob(for field: SearchField, _ sign: SearchToken) throws(SearchFault) -> SearchGlob {
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
