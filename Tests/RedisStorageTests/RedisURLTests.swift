import Testing

@testable import RedisStorage

@Suite struct RedisURLTests {
    @Test func aPlainURLHasDefaults() throws {
        let url = try RedisURL("redis://example.org")
        #expect(url.place == .server(RedisEndpoint(host: "example.org", port: 6379)))
        #expect(!url.isSecure && url.user == nil && url.password == nil && url.database == 0)
    }

    @Test func everyPartIsRead() throws {
        let url = try RedisURL("rediss://rooms:p%40ss%2F:word@[::1]:7000/12")
        #expect(url.place == .server(RedisEndpoint(host: "::1", port: 7000)))
        #expect(url.isSecure && url.user == "rooms" && url.password == "p@ss/:word" && url.database == 12)
    }

    @Test func sentinelsAreRead() throws {
        let url = try RedisURL("redis+sentinel://:secret@a:1,b,c:3/main/2")
        let sentinels = [("a", 1), ("b", 26379), ("c", 3)].map { RedisEndpoint(host: $0.0, port: $0.1) }
        #expect(url.place == .sentinels(sentinels, service: "main"))
        #expect(url.user == nil && url.password == "secret" && url.database == 2)
        #expect(try RedisURL("rediss+sentinel://a/s").isSecure)
    }

    @Test(arguments: [
        ("localhost:6379", RedisURLError.noScheme), ("http://a", .unknownScheme), ("redis://", .noHost),
        ("redis://:secret@", .noHost), ("redis://a:0", .badPort), ("redis://a:secret", .badPort),
        ("redis://a:99999", .badPort), ("redis://a/x", .badDatabase), ("redis://a/1/2", .badDatabase),
        ("redis://a/-1", .badDatabase), ("redis://secret@a", .noPassword), ("redis://:se%zzcret@a", .badEscape),
        ("redis://:secret%@a", .badEscape), ("redis+sentinel://a:1", .noService), ("redis+sentinel:///s", .noHost),
        ("redis://a b", .malformed), ("redis://a?x=1", .malformed), ("redis://::1:7", .noHost),
        ("redis://\(String(repeating: "a", count: 5_000))", .malformed),
    ])
    func whatIsWrongIsNamedAndNothingShown(_ text: String, _ expected: RedisURLError) {
        let error = #expect(throws: RedisURLError.self) { try RedisURL(text) }
        #expect(error == expected)
        #expect(error.map { !"\($0)".contains("secret") } == true)
    }
}
