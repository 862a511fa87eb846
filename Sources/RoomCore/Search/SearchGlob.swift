/// A pattern of `~`: `*` stands for any text, `?` for one scalar, `\` takes the next scalar as it is.
///
/// Runs between stars are found by moving one word of bits over the text (Baeza-Yates and Gonnet 1992), so that the time
/// is linear in the text whatever the pattern is.
package struct SearchGlob: Hashable, Sendable {
    package let pattern: String
    private let runs: [Run]

    /// The pattern without a star or question mark, which names one text alone.
    let literal: String?

    /// Nil when a run is longer than ``SearchLimits/globRun``.
    init?(_ pattern: String) {
        self.pattern = pattern
        var runs = [Run()]
        var literal: String.UnicodeScalarView? = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in pattern.unicodeScalars {
            if isEscaped || !(scalar == "*" || scalar == "?" || scalar == "\\") {
                runs[runs.count - 1].append(scalar)
                literal?.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                literal = nil
                if scalar == "*" { runs.append(Run()) } else { runs[runs.count - 1].append(nil) }
            }
        }
        guard runs.allSatisfy({ $0.count <= SearchLimits.globRun }) else { return nil }
        self.runs = runs
        self.literal = literal.map(String.init)
    }

    func matches(_ text: String) -> Bool {
        var rest = text.unicodeScalars[...]
        guard runs[0].begins(&rest) else { return false }
        guard let last = runs.last, runs.count > 1 else { return rest.isEmpty }
        for run in runs.dropFirst().dropLast() where !run.skip(&rest) { return false }
        return last.ends(rest)
    }
}

/// Scalars in a row, nil for any.
private struct Run: Hashable, Sendable {
    private var scalars: [Unicode.Scalar?] = []
    /// For each scalar the places where it may stand, and the places where any may.
    private var places: [Unicode.Scalar: UInt64] = [:]
    private var anywhere: UInt64 = 0

    var count: Int { scalars.count }

    mutating func append(_ scalar: Unicode.Scalar?) {
        let bit: UInt64 = scalars.count < 64 ? 1 << UInt64(scalars.count) : 0
        if let scalar { places[scalar, default: 0] |= bit } else { anywhere |= bit }
        scalars.append(scalar)
    }

    private func fits(_ text: Substring.UnicodeScalarView) -> Bool {
        zip(scalars, text).allSatisfy { $0 == nil || $0 == $1 }
    }

    func begins(_ text: inout Substring.UnicodeScalarView) -> Bool {
        let head = text.prefix(count)
        guard head.count == count, fits(head) else { return false }
        text = text[head.endIndex...]
        return true
    }

    func ends(_ text: Substring.UnicodeScalarView) -> Bool {
        let tail = text.suffix(count)
        return tail.count == count && fits(tail)
    }

    /// Moves past the first place where the run stands.
    func skip(_ text: inout Substring.UnicodeScalarView) -> Bool {
        guard count > 0 else { return true }
        let whole: UInt64 = 1 << UInt64(count - 1)
        var found: UInt64 = 0
        for index in text.indices {
            found = (found << 1 | 1) & (places[text[index], default: 0] | anywhere)
            guard found & whole == 0 else {
                text = text[text.index(after: index)...]
                return true
            }
        }
        return false
    }
}
