/// What may be set about Redis beside its URL.
package struct RedisSettings: Sendable {
    /// PEM file of the authorities to trust; nil for those of the system.
    package var caFile: String?
    /// The name the server's certificate must bear, when it is not the host of the URL.
    package var serverName: String?
    /// From the first packet to the first answer.
    package var connectTimeout = Duration.milliseconds(2_500)
    /// How long an answer may be waited for before the connection is given up.
    package var answerTimeout = Duration.milliseconds(2_500)
    /// Bytes that may wait for answers on one connection.
    package var unansweredLimit = 64 * 1024 * 1024
    /// Bytes one reply may have.
    package var replyLimit = 256 * 1024 * 1024
    /// How long manifests and changes of a room nobody touches are kept.
    package var roomTerm = Duration.seconds(7 * 86_400)

    package init(caFile: String? = nil, serverName: String? = nil) {
        self.caFile = caFile
        self.serverName = serverName
    }
}
