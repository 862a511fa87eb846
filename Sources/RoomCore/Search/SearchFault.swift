/// What is wrong with a query, and where: for the person who wrote it.
package struct SearchFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The column of the fault in Unicode scalars; the first is 1.
    package let position: Int
    package let problem: String
    /// What could stand there.
    package let expected: String
    /// What to write instead.
    package let remedy: String

    package init(_ position: Int, _ problem: String, expected: String, remedy: String) {
        self.position = position
        self.problem = problem
        self.expected = expected
        self.remedy = remedy
    }

    package var description: String {
        "query: column \(position): \(problem); expected \(expected); \(remedy)"
    }
}

/// Bounds on one query.
package enum SearchLimits {
    package static let bytes = 4096
    /// Parentheses and NOT within each other.
    package static let depth = 32
    /// Comparisons, each value of an IN counted as one.
    package static let terms = 256
    /// Patterns of `~`, which are tried on every text of a field.
    package static let globs = 16
    /// Scalars of a pattern between two stars.
    package static let globRun = 64
}
