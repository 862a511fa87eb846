import AdminAPI
import Foundation
import Logging
import ServerAssembly
import Testing
import WireMessages

/// The README says what the program does, no more and no less.
@Suite struct DocumentTests {
    private let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL

    private func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The cells of the README's tables whose first cell matches.
    private func rows(where matches: (String) -> Bool) throws -> [[String]] {
        try text("README.md").split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
            line.dropFirst(2).dropLast(2).components(separatedBy: " | ")
        }.filter { matches($0[0]) }
    }

    @Test func theExamplesInTheReadmeAreTheFilesThatAreRun() throws {
        let readme = try text("README.md")
        for example in ["deploy/examples/publish.py", "deploy/examples/watch.py"] {
            let code = try text(example).trimmingCharacters(in: .newlines)
            #expect(readme.contains("```python\n\(code)\n```"), "\(example) differs from the README")
        }
    }

    @Test func everySettingIsListedOnce() throws {
        let listed = try rows { $0.hasPrefix("`SLEAP_ROOMS_") }
            .map { $0[0].replacing("`", with: "").replacing("[_FILE]", with: "") }
        #expect(listed.sorted() == ConfigurationReader.keys.sorted())
    }

    @Test func theDefaultsOfNumericSettingsAreTheListedOnes() throws {
        let defaults = ConfigurationReader.numericDefaults
        let listed = try rows { $0.hasPrefix("`SLEAP_ROOMS_") }
        for (key, value) in defaults {
            let row = try #require(listed.first { $0[0] == "`\(key)`" }, "\(key) is not listed")
            #expect(row.last?.trimmingCharacters(in: .whitespaces) == String(value), "\(key)")
        }
    }

    @Test func everyCloseCodeIsListedWithItsReason() throws {
        let listed = try rows { UInt16($0).map { $0 >= 1000 } ?? false }.map {
            ["\($0[0])", $0[1].trimmingCharacters(in: .whitespaces)]
        }
        #expect(Set(listed) == Set(PeerClose.allCases.map { ["\($0.code)", $0.reason] }))
    }

    @Test func everyRouteOfTheServerIsListed() async throws {
        let directory = TemporaryDirectory()
        var configuration = Configuration()
        configuration.dataDirectory = directory.path("data")
        let server = try await Server(configuration, logger: Logger(label: "documents"))
        let methods = ["GET", "PUT", "POST", "PATCH", "DELETE"]
        let listed = try rows { route in methods.contains { route.hasPrefix("`\($0) ") } }
            .map { $0[0].replacing("`", with: "") }
        #expect(listed.sorted() == server.routes.sorted())
        await server.dismantle()
    }
}
