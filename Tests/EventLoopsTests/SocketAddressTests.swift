import Testing

@testable import EventLoops

@Suite struct SocketAddressTests {
    @Test(arguments: ["127.0.0.1:0", "[::1]:8080", "[2001:db8::5]:443", "255.1.2.3:65535"])
    func numericAddressIsReadAndWrittenBack(text: String) throws {
        #expect(try SocketAddress(text, resolving: false).description == text)
    }

    @Test(arguments: [
        "", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:8a", "::1:80", "[::1]",
        "[127.0.0.1]:80", "[]:80", "localhost:80", "256.0.0.1:80", "a\u{0}b:80",
        String(repeating: "a", count: 400) + ":80",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: LoopFault.invalidAddress(text)) { _ = try SocketAddress(text, resolving: false) }
    }

    @Test func namesAreResolvedWhenAsked() throws {
        let address = try SocketAddress("localhost:80")
        #expect(["127.0.0.1:80", "[::1]:80"].contains(address.description))
    }

    @Test func limitsCountIPv6ByItsSubscribersNetwork() throws {
        let first = try SocketAddress("[2001:db8:1:2:a:b:c:d]:1", resolving: false)
        let second = try SocketAddress("[2001:db8:1:2::9]:2", resolving: false)
        let other = try SocketAddress("[2001:db8:1:3::9]:2", resolving: false)
        #expect(first.host == "2001:db8:1:2::/64")
        #expect(first.host == second.host)
        #expect(first.host != other.host)
        #expect(AdmissionLedger.Block(first) == AdmissionLedger.Block(second))
        #expect(AdmissionLedger.Block(first) != AdmissionLedger.Block(other))
        #expect(try SocketAddress("10.1.2.3:4", resolving: false).host == "10.1.2.3")
    }

    @Test func mappedAddressIsItsIPv4Address() throws {
        #expect(try SocketAddress("[::ffff:10.1.2.3]:4", resolving: false).description == "10.1.2.3:4")
    }
}
