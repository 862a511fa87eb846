import RoomStorage

/// What a credential is called where it must not be told: its prefix and the first 16 digits of its SHA-256.
///
/// Lists show it, and requests take it in the secret's place. It opens nothing: what is shown at a door is hashed first.
package enum CredentialLabel {
    package static func workerToken(_ hash: SecretHash) -> String { "slp_\(hash.text.prefix(16))" }
    package static func accountKey(_ hash: SecretHash) -> String { "slp_acct_\(hash.text.prefix(16))" }
}
