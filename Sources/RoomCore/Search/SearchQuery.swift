/// A query in the filter language, read once and asked of many models.
///
///     query       = disjunction ;
///     disjunction = conjunction , { "OR" , conjunction } ;
///     conjunction = negation , { "AND" , negation } ;
///     negation    = "NOT" , negation | primary ;
///     primary     = "(" , disjunction , ")" | comparison ;
///     comparison  = field , ( sign , value | "~" , text | "HAS" , value | [ "NOT" ] , "IN" , list
///                           | "IS" , [ "NOT" ] , "NULL" | "EXISTS" ) ;
///     sign        = "=" | "!=" | "<" | "<=" | ">" | ">=" ;
///     list        = "(" , value , { "," , value } , ")" ;
///     field       = word , { "." , ( word | text ) } ;
///     value       = text | number | "true" | "false" ;
///     word        = ( letter | "_" ) , { letter | digit | "_" | "-" | "/" } ;
///     text        = '"' , { character | escape } , '"' | "'" , { character | escape } , "'" ;
///     escape      = "\\" , ( "\\" | '"' | "'" | "n" | "t" ) ;
///     number      = [ "-" ] , digits , [ "." , digits ] , [ ( "e" | "E" ) , [ "+" | "-" ] , digits ] ;
///     digits      = digit , { digit } ;
///
/// Keywords are of any case; texts are compared as they are. There is no third truth: a comparison with a field that is
/// absent does not hold, and `!=`, `NOT IN` and `IS NULL` are `NOT` of `=`, `IN` and `EXISTS`. A list (`tags`, `alias`,
/// `copies.worker`…) is as asked when one of its values is; `HAS` is `=` that only lists take.
package struct SearchQuery: Hashable, Sendable {
    package let text: String
    let expression: SearchExpression
    /// Whether it asks about ``EntryField/deletedAt``: only then may withdrawn models be among its answers.
    let asksForWithdrawn: Bool

    package init(_ text: String) throws(SearchFault) {
        let bytes = text.utf8.count
        guard bytes <= SearchLimits.bytes else {
            let end = text.utf8.index(text.startIndex, offsetBy: SearchLimits.bytes)
            throw SearchFault(
                text.unicodeScalars.indices.prefix { $0 <= end }.count, "the query has \(bytes) bytes",
                expected: "at most \(SearchLimits.bytes)",
                remedy: "ask in several queries")
        }
        self.text = text
        expression = try SearchParser.parse(text)
        asksForWithdrawn = expression.tests.contains { $0.field == .entry(.deletedAt) }
    }

    package func matches(_ entry: ModelEntry, presence: WorkerPresence) -> Bool { expression.matches(entry, presence) }

    package static func == (left: SearchQuery, right: SearchQuery) -> Bool { left.text == right.text }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// A live query tells of changes by their revisions; what no revision moves, or every one, it cannot ask about.
    package func requireLive() throws(SearchFault) {
        for test in expression.tests {
            guard let reason = test.field.liveFault else { continue }
            throw SearchFault(
                test.position, "a live query cannot ask about \(test.field.name): \(reason)",
                expected: "a field that changes of a model move",
                remedy: "list models by it, and subscribe with \"presence\": true to hear who comes and goes")
        }
    }
}
