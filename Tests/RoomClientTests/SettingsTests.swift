import JSONWire
import RoomClient
import Testing

@Suite struct SettingsTests {
    private func settings(_ url: String) throws -> ClientSettings {
        try ClientSettings(url: url, credential: .workerToken("slp_x"))
    }

    @Test func addressesAreTakenApart() throws {
        let plain = try settings("ws://127.0.0.1:8080")
        #expect(plain.path == "/")
        #expect(plain.host == "127.0.0.1:8080")
        #expect(plain.address.port == 8080)
        #expect(try settings("ws://127.0.0.1/ws?token=1").path == "/ws?token=1")
        #expect(try settings("ws://127.0.0.1").address.port == 80)
        #expect(try settings("ws://[::1]:9").address.port == 9)
    }

    @Test(arguments: [
        "", "http://x", "wss://127.0.0.1:1", "ws://", "ws:///x", "ws://u@127.0.0.1:1", "ws://127.0.0.1:1/a b",
        "ws://127.0.0.1:99999",
    ])
    func otherAddressesAreRefused(_ url: String) {
        #expect(throws: ClientFault.self) { try settings(url) }
    }

    @Test func faultsThatPassAreToldFromThoseThatDoNot() {
        let passing: [ClientFault] = [
            .cannotConnect("x"), .timedOut, .closed(code: 1012, reason: ""), .closed(code: 1006, reason: ""),
            .refused(code: "UNAVAILABLE", message: "", retryable: true, fields: [:]),
        ]
        let final: [ClientFault] = [
            .closed(code: 4002, reason: ""), .closed(code: 4003, reason: ""), .closed(code: 4004, reason: ""),
            .closed(code: 4005, reason: ""), .protocolViolation(""), .badAddress("", ""),
            .refused(code: "FORBIDDEN", message: "", retryable: false, fields: [:]),
        ]
        for fault in passing { #expect(fault.isPassing, "\(fault)") }
        for fault in final { #expect(!fault.isPassing, "\(fault)") }
    }
}
