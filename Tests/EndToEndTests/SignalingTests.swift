import EventLoops
import JSONWire
import Testing

/// What sleap-rtc clients say and hear, against the built server.
@Suite struct SignalingTests {
    @Test func recordedConversationsGoAsTheyAreWritten() async throws {
        let server = BuiltServer()
        let conversations = Conversation.all(in: "Signaling")
        #expect(conversations.count > 12)
        let stranger = try server.bootstrap(user: "eve", room: "den", worker: nil)
        try server.start()
        var secrets: [String] = []
        for (number, conversation) in conversations.enumerated() {
            let starter = try server.bootstrap(room: "room-\(number)")
            let variables = [
                "ROOM": starter.room_id, "JWT": starter.jwt, "KEY": starter.account_key,
                "TOKEN": starter.worker_token ?? "", "OTHER_ROOM": stranger.room_id,
            ]
            secrets += [starter.jwt, starter.account_key, variables["TOKEN"] ?? ""]
            let settings = try server.settings(.jwt("", room: ""))
            try await withLoops { loops in
                try await withKnownSentence(conversation.sentence) {
                    try await conversation.play(settings, variables, on: loops.next())
                }
            }
        }
        let log = server.log
        #expect(!secrets.contains { log.contains($0) }, "no secret is written to the log")
    }

    /// An error that says which conversation it belongs to.
    private func withKnownSentence(_ sentence: String, _ body: () async throws -> Void) async throws {
        do { try await body() } catch { Issue.record("\(sentence): \(error)") }
    }
}
