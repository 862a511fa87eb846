/// The `type` of a message that the server has a meaning for.
package enum MessageType: String, Sendable, CaseIterable {
    case register
    case discoverPeers = "discover_peers"
    case updateMetadata = "update_metadata"
    case peerMessage = "peer_message"
    case offer, answer, candidate
    case registryPublish = "registry_publish"
    case registryUpdate = "registry_update"
    case registryAlias = "registry_alias"
    case registryWithdraw = "registry_withdraw"
    case registryRestore = "registry_restore"
    case registryCopy = "registry_copy"
    case registryQuery = "registry_query"
    case registrySubscribe = "registry_subscribe"
    case registryUnsubscribe = "registry_unsubscribe"

    /// Found by length and bytes: no text is made for a frame that is only passed on.
    init?(_ bytes: UnsafeRawBufferPointer) {
        for candidate in Self.byLength[min(bytes.count, Self.byLength.count - 1)]
        where candidate.name.utf8.elementsEqual(bytes) {
            self = candidate.type
            return
        }
        return nil
    }

    private static let byLength: [[(name: StaticName, type: MessageType)]] = {
        var table: [[(name: StaticName, type: MessageType)]] = Array(repeating: [], count: 32)
        for type in allCases { table[type.rawValue.utf8.count].append((StaticName(type.rawValue), type)) }
        return table
    }()

    private struct StaticName {
        let utf8: [UInt8]

        init(_ text: String) { utf8 = Array(text.utf8) }
    }
}
