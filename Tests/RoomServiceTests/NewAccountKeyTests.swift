import Cryptography
import EmbeddedStorage
import RoomCore
import RoomStorage
import Testing

@testable import RoomService

@Suite struct NewAccountKeyTests {
    @Test func aNewKeyIsShownToTheJWTThatMadeItAndNoSecretLiesInTheStore() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let clock = service.clock
        let newKeys = NewAccountKeys(service.handovers, clock: { clock.now })
        let (secret, key) = try await service.accounts.issueAccountKey(named: "k", for: ann.user.id)
        await newKeys.keep(secret, of: key, for: ann.jwt)
        #expect(await newKeys.secret(of: key, for: ann.jwt) == secret)
        for other in ["", ann.jwt + "x", ann.accountKey, secret] {
            #expect(await newKeys.secret(of: key, for: other) == nil)
        }
        let place = HandoverKey(kind: "new-account-key", name: SHA256.hex("\(SHA256.hex(ann.jwt))/\(key.hash)"))
        let box = try #require(try await service.handovers.load(place))
        #expect(!String(decoding: box, as: UTF8.self).contains("slp_acct_"))
        // What lies there for one key is not shown as another's.
        let (_, other) = try await service.accounts.issueAccountKey(named: "l", for: ann.user.id)
        let second = HandoverKey(kind: "new-account-key", name: SHA256.hex("\(SHA256.hex(ann.jwt))/\(other.hash)"))
        try await service.handovers.put(box, at: second, for: .seconds(60))
        #expect(await newKeys.secret(of: other, for: ann.jwt) == nil)
        try await service.accounts.revokeAccountKey(secret, by: ann.user.id)
        let revoked = try #require(try await service.record.accountKey(key.hash))
        #expect(await newKeys.secret(of: revoked, for: ann.jwt) == nil)
    }

    @Test func aKeyThatAnAccountKeyMadeIsKeptForNobody() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let clock = service.clock
        let newKeys = NewAccountKeys(service.handovers, clock: { clock.now })
        let (secret, key) = try await service.accounts.issueAccountKey(named: "k", for: ann.user.id)
        await newKeys.keep(secret, of: key, for: ann.accountKey)
        #expect(await newKeys.secret(of: key, for: ann.accountKey) == nil)
    }
}
