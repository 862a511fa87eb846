/// Cuts a query into tokens.
struct SearchLexer {
    private let scalars: [Unicode.Scalar]
    private var next = 0

    private init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    /// All tokens, the end last.
    static func tokens(of text: String) throws(SearchFault) -> [SearchToken] {
        var lexer = SearchLexer(Array(text.unicodeScalars))
        var tokens: [SearchToken] = []
        repeat { tokens.append(try lexer.token()) } while tokens.last?.kind != .end
        return tokens
    }

    private var current: Unicode.Scalar? { next < scalars.count ? scalars[next] : nil }
    private var following: Unicode.Scalar? { next + 1 < scalars.count ? scalars[next + 1] : nil }

    private mutating func token() throws(SearchFault) -> SearchToken {
        while let scalar = current, scalar.properties.isWhitespace { next += 1 }
        let start = next
        guard let scalar = current else { return SearchToken(kind: .end, position: start + 1) }
        let kind: SearchToken.Kind =
            if scalar == "\"" || scalar == "'" {
                .text(try text(until: scalar))
            } else if scalar.isDigit || (scalar == "-" && following?.isDigit == true) {
                .number(try number())
            } else if scalar.beginsWord {
                .word(word())
            } else {
                try symbol(scalar)
            }
        return SearchToken(kind: kind, position: start + 1)
    }

    private mutating func word() -> String {
        let start = next
        while let scalar = current, scalar.continuesWord { next += 1 }
        return String(String.UnicodeScalarView(scalars[start..<next]))
    }
}

// MARK: - Symbols

extension SearchLexer {
    private mutating func symbol(_ scalar: Unicode.Scalar) throws(SearchFault) -> SearchToken.Kind {
        let position = next + 1
        let doubled = following == scalar
        next += 1
        switch scalar {
        case "(": return .opening
        case ")": return .closing
        case ",": return .comma
        case ".": return .dot
        case "~": return .glob
        case "=" where doubled: throw Self.unknown("==", position, "write = once")
        case "=": return .equal
        case "<" where current == ">": throw Self.unknown("<>", position, "write !=")
        case "<": return take("=") ? .lessOrEqual : .less
        case ">": return take("=") ? .greaterOrEqual : .greater
        case "!" where take("="): return .unequal
        case "!": throw Self.unknown("!", position, "write != or NOT")
        case "&": throw Self.unknown(doubled ? "&&" : "&", position, "write AND")
        case "|": throw Self.unknown(doubled ? "||" : "|", position, "write OR")
        default: throw Self.unknown(String(scalar), position, "put texts and unusual names in quotes")
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        next += 1
        return true
    }

    private static func unknown(_ symbol: String, _ position: Int, _ remedy: String) -> SearchFault {
        SearchFault(
            position, "\(symbol) means nothing here", expected: "a field, a comparison, AND, OR, NOT or a parenthesis",
            remedy: remedy)
    }
}

// MARK: - Values

extension SearchLexer {
    /// A text in quotes. `\\`, `\"`, `\'`, `\n` and `\t` stand for one scalar each.
    private mutating func text(until quote: Unicode.Scalar) throws(SearchFault) -> String {
        let start = next + 1
        next += 1
        var text = String.UnicodeScalarView()
        while let scalar = current, scalar != quote {
            next += 1
            guard scalar == "\\" else {
                text.append(scalar)
                continue
            }
            guard let escaped = current, let meant = Self.escapes[escaped] else {
                throw SearchFault(
                    next, "a backslash before nothing it can stand before", expected: "one of \\\\ \\\" \\' \\n \\t",
                    remedy: "write \\\\ for a backslash")
            }
            text.append(meant)
            next += 1
        }
        guard current != nil else {
            throw SearchFault(
                start, "a text begins here and does not end", expected: "a closing \(quote)",
                remedy: "close it with \(quote)")
        }
        next += 1
        return String(text)
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "\\": "\\", "\"": "\"", "'": "'", "n": "\n", "t": "\t",
    ]

    /// `-?digits[.digits][e[+-]digits]`
    private mutating func number() throws(SearchFault) -> Double {
        let start = next
        next += 1
        digits()
        if current == ".", following?.isDigit == true {
            next += 1
            digits()
        }
        if current == "e" || current == "E" {
            next += 1
            if current == "+" || current == "-" { next += 1 }
            digits()
        }
        let word = String(String.UnicodeScalarView(scalars[start..<next]))
        guard let number = Double(word), number.isFinite, current?.continuesWord != true else {
            throw SearchFault(
                start + 1, "this begins like a number and is none", expected: "a number such as 0.03 or 5e-4",
                remedy: "put texts in quotes")
        }
        return number
    }

    private mutating func digits() {
        while let scalar = current, scalar.isDigit { next += 1 }
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
    fileprivate var beginsWord: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_" }
    fileprivate var continuesWord: Bool { beginsWord || isDigit || self == "-" || self == "/" }
}
