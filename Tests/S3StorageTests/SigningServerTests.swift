import Cryptography
import HTTPFetching
import RoomCore
import RoomStorage
import Testing

@testable import S3Storage

/// What only a server that checks signatures can show.
@Suite(.enabled(if: TestServer.signing != nil)) struct SigningServerTests {
    private let url: String

    init() throws { url = try #require(TestServer.signing) }

    @Test func theProbeOfAGoodBucketPassesAndLeavesNothing() async throws {
        let blobs = try await TestServer.blobs(url)
        try await blobs.probe()
        #expect(try await blobs.list(prefix: "", after: nil, limit: 10).isEmpty)
        #expect(blobs.state == .reachable)
    }

    @Test func aWrongSecretIsNamedAndNotTold() async throws {
        let settings = try TestServer.settings(url, bucket: "bucket", secret: "wr0ngs3cr3t")
        let blobs = S3Blobs(settings, S3Surroundings(clock: TestServer.clock))
        let error = await #expect(throws: StoreError.self) { try await blobs.probe() }
        let text = "\(try #require(error))"
        #expect(text.contains("SignatureDoesNotMatch") && text.contains("AWS_SECRET_ACCESS_KEY"))
        #expect(!text.contains("wr0ngs3cr3t"))
        #expect(blobs.state != .reachable)
    }

    @Test func anUnknownAccessKeyIsNamed() async throws {
        var settings = try TestServer.settings(url, bucket: "bucket")
        settings.credentials = .fixed(try #require(S3Credentials(accessKeyID: "NOBODY", secretAccessKey: "x")))
        let blobs = S3Blobs(settings, S3Surroundings(clock: TestServer.clock))
        let error = await #expect(throws: StoreError.self) { _ = try await blobs.load(try key("k")) }
        #expect("\(try #require(error))".contains("InvalidAccessKeyId"))
    }

    @Test func aMissingBucketIsNamed() async throws {
        let settings = try TestServer.settings(url, bucket: "no-such-bucket-here")
        let blobs = S3Blobs(settings, S3Surroundings(clock: TestServer.clock))
        for call in [blobs.probe, { try await blobs.store([1], at: key("k")) }] as [() async throws -> Void] {
            let error = await #expect(throws: StoreError.self) { try await call() }
            let text = "\(try #require(error))"
            #expect(text.contains("NoSuchBucket") && text.contains("no-such-bucket-here"))
        }
    }

    @Test(arguments: [-7_200, 7_200]) func aSkewedClockIsMendedAndTold(_ seconds: Int64) async throws {
        let good = try await TestServer.blobs(url)
        try await good.store([1], at: try key("k"))
        let events = HeardEvents()
        let clock: @Sendable () -> Timestamp = { TestServer.clock().advanced(bySeconds: seconds) }
        for read in [{ try await $0.load(try key("k"))?.count }, { try await $0.size(of: try key("k")) }]
            as [(S3Blobs) async throws -> Int?]
        {
            let blobs = S3Blobs(good.client.settings, S3Surroundings(clock: clock, events: events.hear))
            #expect(try await read(blobs) == 1)
            #expect(try await read(blobs) == 1)
            let down = try await blobs.downloadAddress(for: try key("k"), expiry: clock().advanced(bySeconds: 60))
            #expect(try await TestServer.send(down, nil).body == [1])
        }
        let skews = events.all.compactMap { if case .clockSkewed(let seconds) = $0 { seconds } else { nil } }
        #expect(skews.count == 2)
        #expect(skews.allSatisfy { abs($0 + seconds) < 30 })
    }

    @Test func anAddressIsGoodNoLonger() async throws {
        let now = try await TestServer.blobs(url)
        let earlier = S3Blobs(
            now.client.settings, S3Surroundings(clock: { TestServer.clock().advanced(bySeconds: -600) }))
        try await now.store([1], at: try key("k"))
        let expired = TestServer.clock().advanced(bySeconds: -300)
        let down = try await earlier.downloadAddress(for: try key("k"), expiry: expired)
        #expect(try await TestServer.send(down, nil).status == 403)
        let good = try await earlier.downloadAddress(
            for: try key("k"), expiry: TestServer.clock().advanced(bySeconds: 300))
        #expect(try await TestServer.send(good, nil).status == 200)
    }

    @Test func anAddressIsGoodForNothingElse() async throws {
        let blobs = try await TestServer.blobs(url)
        let bytes: [UInt8] = [1, 2, 3]
        let digest = Digest(trusted: SHA256.hex(bytes))
        let up = try await blobs.uploadAddress(
            for: try key("k"), size: 3, sha256: digest, expiry: TestServer.clock().advanced(bySeconds: 60))
        func send(_ url: String, _ method: String = "PUT", headers: [(name: String, value: String)], _ body: [UInt8])
            async throws -> Int
        { try await TestServer.send(SignedAddress(method: method, url: url, headers: headers), body).status }
        // Another size, another digest, no digest, another key, another method.
        #expect(try await send(up.url, headers: up.headers, [1, 2, 3, 4]) == 403)
        #expect(
            try await send(up.url, headers: [("x-amz-checksum-sha256", Base64.encode(SHA256.digest([9])))], bytes)
                == 403)
        #expect(try await send(up.url, headers: [], bytes) == 403)
        #expect(try await send(up.url.replacing("/k?", with: "/l?"), headers: up.headers, bytes) == 403)
        #expect(try await send(up.url, "DELETE", headers: up.headers, bytes) == 403)
        #expect(try await blobs.list(prefix: "", after: nil, limit: 10).isEmpty)
        #expect(try await send(up.url, headers: up.headers, bytes) == 200)
    }

    @Test func bytesThatWereAlteredOnTheWayAreRefused() async throws {
        let blobs = try await TestServer.blobs(url)
        let call = S3Call(method: .put, key: "k", body: [1, 2, 3])
        let credentials = try TestServer.credentials()
        await #expect(throws: S3Fault.self) {
            _ = try await blobs.client.perform(call) { _ throws(FetchFault) in
                var request = blobs.client.signed(call, with: credentials)
                request.body = [1, 2, 4]
                return try await blobs.client.fetcher.fetch(request)
            }
        }
        #expect(try await blobs.load(try key("k")) == nil)
    }

    @Test func sixtyFourMegabytesAreHashedWithoutHoldingThem() async throws {
        let blobs = try await TestServer.blobs(url)
        let size = 64 << 20
        let expected: String
        do {
            let bytes = patternedBytes(size)
            expected = SHA256.hex(bytes)
            try await blobs.store(bytes, at: try key("large"))
        }
        var settings = blobs.client.settings
        // What cannot be held can still be hashed.
        settings.sizeLimit = 1 << 20
        let frugal = S3Blobs(settings, S3Surroundings(clock: TestServer.clock))
        await #expect(throws: StoreError.self) { _ = try await frugal.load(try key("large")) }
        let digest = try #require(try await frugal.digest(of: try key("large")))
        #expect(digest.size == size)
        #expect(digest.sha256.text == expected)
    }

    @Test func whatLiesOutsideThePrefixIsNotListed() async throws {
        let outer = try await TestServer.blobs(url)
        var settings = outer.client.settings
        settings.prefix = "inner"
        let inner = S3Blobs(settings, S3Surroundings(clock: TestServer.clock))
        try await inner.store([1], at: try key("a"))
        try await outer.store([1], at: try key("innermost"))
        try await outer.store([1], at: try key("z"))
        // A key of someone else's, with characters XML does not have.
        _ = try await outer.client.put([1], at: "inner/b\u{07} <&>é")
        #expect(try await inner.list(prefix: "", after: nil, limit: 10).map(\.path) == ["a"])
        #expect(try await outer.load(try key("inner/a")) == [1])
    }

    @Test func aListingGoesOnOverItsPages() async throws {
        let blobs = try await TestServer.blobs(url)
        let names = (0..<1_005).map { "n/\(10_000 + $0)" }
        for slice in stride(from: 0, to: names.count, by: 67) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in names[slice..<min(slice + 67, names.count)] {
                    group.addTask { try await blobs.store([], at: try key(name)) }
                }
                try await group.waitForAll()
            }
        }
        #expect(try await blobs.list(prefix: "n/", after: nil, limit: 2_000).map(\.path) == names)
    }
}

/// Bytes that repeat late.
private func patternedBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { output, written in
        var word: UInt64 = 1
        for index in 0..<count {
            word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            output[index] = UInt8(truncatingIfNeeded: word >> 56)
        }
        written = count
    }
}
