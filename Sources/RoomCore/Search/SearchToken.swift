/// One token of a query, and the column where it begins.
struct SearchToken: Equatable {
    enum Kind: Equatable {
        /// A field, a part of one, or a keyword; keywords are told apart by the parser, in any case of letters.
        case word(String)
        case text(String)
        case number(Double)
        case opening, closing, comma, dot
        case equal, unequal, less, lessOrEqual, greater, greaterOrEqual, glob
        case end
    }

    let kind: Kind
    let position: Int

    /// The keyword, in capitals, when this token is one.
    func `is`(_ keyword: String) -> Bool {
        if case .word(let word) = kind { word.uppercased() == keyword } else { false }
    }

    /// As a fault names it.
    var shown: String {
        switch kind {
        case .word(let word): Self.cut(word)
        case .text(let text): "the text \"\(Self.cut(text))\""
        case .number(let number): "the number \(number)"
        case .opening: "("
        case .closing: ")"
        case .comma: "a comma"
        case .dot: "a dot"
        case .equal: "="
        case .unequal: "!="
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .glob: "~"
        case .end: "the end"
        }
    }

    /// Scalars are counted: one character may be of any length.
    static func cut(_ text: String) -> String {
        let scalars = text.unicodeScalars
        return scalars.count <= 40 ? text : "\(String(scalars.prefix(40)))…"
    }
}
