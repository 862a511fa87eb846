import RoomCore
import Testing
import WireMessages

@testable import RoomService

@Suite struct ICETests {
    private let user = UserID(trusted: "7")
    private let now = Timestamp(seconds: 1_760_000_000)

    @Test func nothingIsToldWhereNothingIsSet() {
        #expect(ICESettings().offer(to: user, at: now) == ICEOffer())
    }

    @Test func aCredentialIsTheHMACOfItsEndAndItsUser() {
        var settings = ICESettings()
        settings.stunURLs = ["stun:a"]
        settings.turnURLs = ["turn:a", "turns:b"]
        settings.turnSecret = "0123456789abcdef"
        settings.credentialSeconds = 3600
        let offer = settings.offer(to: user, at: now)
        let stun = ICEServer(urls: ["stun:a"])
        // Computed with Python's hmac and hashlib.
        let turn = ICEServer(
            urls: ["turn:a", "turns:b"], username: "1760003600:7", credential: "zS6HpG10ykzGGce0mDiruITdHOw=")
        #expect(offer == ICEOffer(servers: [stun, turn], mesh: [stun]))
        #expect(
            turn.json == [
                "urls": ["turn:a", "turns:b"], "username": "1760003600:7", "credential": "zS6HpG10ykzGGce0mDiruITdHOw=",
            ])
    }
}
