import RoomCore
import Testing

@testable import S3Storage

/// The vectors AWS publishes: the test suite of Signature Version 4, and the examples of S3's API reference
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, …/sigv4-query-string-auth.html).
@Suite struct SignatureTests {
    static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    private static let bucketHost = "examplebucket.s3.amazonaws.com"

    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let method: String
        let path: String
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
        var hash = SignatureTests.emptyHash
        let signature: String

        var testDescription: String { name }
    }

    @Test(arguments: [
        Vector(
            name: "get-vanilla", method: "GET", path: "/",
            signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            name: "get-vanilla-query-order-key-case", method: "GET", path: "/",
            query: [("Param2", "value2"), ("Param1", "value1")],
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Vector(
            name: "post-vanilla", method: "POST", path: "/",
            signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ])
    func theSuiteOfSignatureVersion4IsPassed(_ vector: Vector) throws {
        let signer = RequestSigner(
            credentials: try #require(
                S3Credentials(
                    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")),
            region: "us-east-1", service: "service")
        try check(vector, signer, "2015-08-30T12:36:00Z", host: "example.amazonaws.com")
    }

    @Test(arguments: [
        Vector(
            name: "GET object", method: "GET", path: "/test.txt",
            headers: [("Range", "bytes=0-9"), ("x-amz-content-sha256", emptyHash)],
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Vector(
            name: "PUT object", method: "PUT", path: PercentEncoding.encode(path: "/test$file.text"),
            headers: [
                ("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
            ], hash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Vector(
            name: "GET bucket lifecycle", method: "GET", path: "/", query: [("lifecycle", "")],
            headers: [("x-amz-content-sha256", emptyHash)],
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Vector(
            name: "list objects", method: "GET", path: "/", query: [("max-keys", "2"), ("prefix", "J")],
            headers: [("x-amz-content-sha256", emptyHash)],
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ])
    func theExamplesOfS3AreSigned(_ vector: Vector) throws {
        try check(vector, try Self.s3Signer(), "2013-05-24T00:00:00Z", host: Self.bucketHost)
    }

    @Test func theExampleOfAPresignedAddressIsSigned() throws {
        let request = SignableRequest(
            method: "GET", path: "/test.txt", query: [], headers: [("host", Self.bucketHost)],
            payloadHash: SignableRequest.unsignedPayload)
        let moment = SigningMoment(try #require(Timestamp("2013-05-24T00:00:00Z")))
        let query = try Self.s3Signer().presignedQuery(of: request, at: moment, seconds: 86_400)
        #expect(query.hasSuffix("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
        #expect(query.contains("X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"))
    }

    private static func s3Signer() throws -> RequestSigner {
        RequestSigner(
            credentials: try #require(
                S3Credentials(
                    accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")),
            region: "us-east-1", service: "s3")
    }

    private func check(_ vector: Vector, _ signer: RequestSigner, _ time: String, host: String) throws {
        let moment = SigningMoment(try #require(Timestamp(time)))
        let request = SignableRequest(
            method: vector.method, path: vector.path, query: vector.query,
            headers: [("Host", host), ("X-Amz-Date", moment.text)] + vector.headers, payloadHash: vector.hash)
        #expect(signer.authorization(of: request, at: moment).hasSuffix("Signature=\(vector.signature)"))
    }

    @Test func aMomentIsWrittenWithoutItsFraction() throws {
        let moment = SigningMoment(try #require(Timestamp("2026-01-02T03:04:05.678Z")))
        #expect(moment.text == "20260102T030405Z")
        #expect(moment.day == "20260102")
    }

    @Test func theDateOfAnAnswerIsRead() {
        #expect(Timestamp(httpDate: "Fri, 24 May 2013 01:02:03 GMT") == Timestamp("2013-05-24T01:02:03Z"))
        for broken in ["", "Fri, 24 Mai 2013 01:02:03 GMT", "Fri, 24 May 2013 01:02:03 CET", "24 May 2013"] {
            #expect(Timestamp(httpDate: broken) == nil)
        }
    }

    @Test func encodingLeavesUnreservedCharactersAloneAndCanBeUndone() {
        #expect(PercentEncoding.encode("AZaz09-_.~ /=+%é") == "AZaz09-_.~%20%2F%3D%2B%25%C3%A9")
        #expect(PercentEncoding.encode(path: "/a b/c=") == "/a%20b/c%3D")
        #expect(PercentEncoding.decode("a%2Fb%3d") == "a/b=")
        for broken in ["%", "%4", "%zz", "a%"] { #expect(PercentEncoding.decode(broken) == nil) }
    }
}
