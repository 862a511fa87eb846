import Testing

/// What every route of accounts answers, over real sockets and a real record.
@Suite(.serialized, .timeLimit(.minutes(3))) struct AccountVectorTests {
    private static let files = ["rooms", "members", "worker-tokens", "keys", "presence", "legacy", "access"]
    static let vectors = files.flatMap(HTTPVector.load)

    @Test func everyFileHasVectors() {
        for file in Self.files { #expect(!HTTPVector.load(file).isEmpty, "\(file)") }
    }

    @Test(arguments: vectors)
    func overTheEmbeddedRecord(_ vector: HTTPVector) async throws {
        try await withEmbeddedRecord { record in
            let server = try AccountServer(record)
            var scenario = Scenario(vector, on: server)
            try await scenario.run()
            await server.stop()
        }
    }

    @Test(
        .enabled(if: postgresServer != nil, "SLEAP_ROOMS_TEST_POSTGRES names no PostgreSQL server"),
        arguments: vectors)
    func overPostgres(_ vector: HTTPVector) async throws {
        try await withPostgresRecord { record in
            let server = try AccountServer(record)
            var scenario = Scenario(vector, on: server)
            try await scenario.run()
            await server.stop()
        }
    }
}
