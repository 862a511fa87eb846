import Cryptography
import RoomCore
import Testing

@testable import IdentityProviders

/// Keys that turn over, and issuers that go away.
@Suite struct KeyRotationTests {
    private func rotate(_ issuer: IssuerUnderTest) {
        issuer.change { $0.keys = [IssuerUnderTest.keys[1].jwk(keyID: "two")] }
    }

    @Test func keysAreFetchedOnceForManyTokens() async throws {
        let issuer = try IssuerUnderTest()
        let token = try issuer.token()
        await withTaskGroup { tasks in
            for _ in 0..<20 { tasks.addTask { #expect(await issuer.outcome(of: token) == "ann") } }
        }
        #expect(issuer.keyFetches == 1)
    }

    @Test func aKeyIDThatIsNewIsFetchedAndTheOldKeyIsThenRefused() async throws {
        let issuer = try IssuerUnderTest()
        #expect(await issuer.outcome(of: try issuer.token()) == "ann")
        rotate(issuer)
        issuer.change { $0.now += .seconds(10) }
        #expect(await issuer.outcome(of: try issuer.token(key: 1, keyID: "two")) == "ann")
        #expect(await issuer.outcome(of: try issuer.token()) == "Signing key not found")
        #expect(issuer.keyFetches == 2)
    }

    @Test func aNewKeyIsFoundByTokensWithoutAKeyIDToo() async throws {
        let issuer = try IssuerUnderTest()
        let token = try issuer.forged(header: #"{"alg":"RS256"}"#)
        rotate(issuer)
        #expect(await issuer.outcome(of: token) == "Signature verification failed.")
        issuer.change {
            $0.keys = [IssuerUnderTest.keys[0].jwk(keyID: "one")]
            $0.now += .seconds(10)
        }
        #expect(await issuer.outcome(of: token) == "ann")
    }

    @Test func inventedKeyIDsDoNotMakeUsAskTheIssuerMoreOften() async throws {
        let issuer = try IssuerUnderTest()
        for number in 0..<30 {
            let token = try issuer.token(keyID: "invented-\(number)")
            #expect(await issuer.outcome(of: token) == "Signing key not found")
        }
        #expect(issuer.keyFetches == 1)
    }

    @Test func aWithdrawnKeyIsRefusedOnceTheCopyIsOld() async throws {
        let issuer = try IssuerUnderTest()
        #expect(await issuer.outcome(of: try issuer.token()) == "ann")
        rotate(issuer)
        issuer.change { $0.now += .seconds(599) }
        #expect(await issuer.outcome(of: try issuer.token()) == "ann")
        issuer.change { $0.now += .seconds(1) }
        #expect(await issuer.outcome(of: try issuer.token()) == "Signing key not found")
    }

    @Test(arguments: [IssuerUnderTest.Manner.away, .silent])
    func oldKeysServeWhileTheIssuerIsAwayUpToADay(manner: IssuerUnderTest.Manner) async throws {
        let issuer = try IssuerUnderTest()
        #expect(await issuer.outcome(of: try issuer.token()) == "ann")
        issuer.change {
            $0.manner = manner
            $0.now += .seconds(86_399)
        }
        #expect(await issuer.outcome(of: try issuer.token()) == "ann")
        #expect(await issuer.outcome(of: try issuer.token(key: 1, keyID: "two")) == "unavailable")
        issuer.change { $0.now += .seconds(1) }
        #expect(await issuer.outcome(of: try issuer.token()) == "unavailable")
        issuer.change {
            $0.manner = .well
            $0.now += .seconds(10)
        }
        #expect(await issuer.outcome(of: try issuer.token()) == "ann")
    }

    @Test func anIssuerThatWasNeverReachedIsUnavailableAndNotAskedByEveryToken() async throws {
        let issuer = try IssuerUnderTest()
        issuer.change { $0.manner = .away }
        for _ in 0..<5 { #expect(await issuer.outcome(of: try issuer.token()) == "unavailable") }
        #expect(issuer.server.requests.count == 1)
    }

    @Test func aKeySetWithoutAUsableKeyDoesNotReplaceTheOneAtHand() async throws {
        let issuer = try IssuerUnderTest()
        #expect(await issuer.outcome(of: try issuer.token()) == "ann")
        issuer.change {
            $0.keys = [["kty": "oct", "k": "c2VjcmV0", "kid": "one", "alg": "HS256"]]
            $0.now += .seconds(600)
        }
        #expect(await issuer.outcome(of: try issuer.token()) == "ann")
    }
}
