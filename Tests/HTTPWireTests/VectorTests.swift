import Testing

@testable import HTTPWire

@Suite struct VectorTests {
    static let requestFiles = ["requests", "targets", "framing", "chunks", "limits"]

    @Test(arguments: requestFiles)
    func requestsReadTheSameHoweverTheyAreCut(file: String) throws {
        for vector in try WireVector.load(file) {
            try check(vector) { try WireLog.requests(vector.input, cuts: $0, limits: vector.limits) }
        }
    }

    @Test func responsesReadTheSameHoweverTheyAreCut() throws {
        for vector in try WireVector.load("responses") {
            try check(vector) { try WireLog.responses(vector, cuts: $0) }
        }
    }

    @Test func everyFaultHasAVector() throws {
        let vectors = try (Self.requestFiles + ["responses"]).flatMap { try WireVector.load($0) }
        let seen = Set(vectors.flatMap(\.expected))
        for fault in HTTPFault.allCases {
            #expect(seen.contains("fault \(fault.rawValue)"), "\(fault) is in no vector")
        }
    }

    @Test func titlesAreUnique() throws {
        let titles = try (Self.requestFiles + ["responses"]).flatMap { file in
            try WireVector.load(file).map { "\(file): \($0.title)" }
        }
        #expect(titles.count > 200)
        #expect(Set(titles).count == titles.count)
    }

    private func check(_ vector: WireVector, _ read: ([Int]) throws -> [String]) throws {
        let whole = vector.relevant(try read([]))
        #expect(whole == vector.expected, "\(vector.title)")
        for cut in 1..<max(1, vector.input.count) {
            let log = vector.relevant(try read([cut]))
            // Recorded only when it fails: an expectation for each of some twenty thousand cuts takes a second of its own.
            if log != whole { Issue.record("\(vector.title), cut at \(cut): \(log)") }
        }
        let log = vector.relevant(try read(Array(1..<max(1, vector.input.count))))
        #expect(log == whole, "\(vector.title), byte by byte")
    }
}
