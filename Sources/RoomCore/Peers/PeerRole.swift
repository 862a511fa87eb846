/// What a peer says it came to do. What it may do comes from its credential.
package enum PeerRole: String, Sendable, CaseIterable {
    case worker, client, app, peer
}
