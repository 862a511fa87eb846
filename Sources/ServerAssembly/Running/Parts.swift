import Cryptography
import EmbeddedStorage
import Logging
import RoomCore
import RoomService
import RoomStorage

/// The stores and keys that every command works with: the embedded default, in the data directory.
struct Parts: Sendable {
    let directory: DataDirectory
    let record: SQLiteRecord
    let authority: TokenAuthority

    /// Opens them, making what is absent.
    static func open(_ configuration: Configuration) async throws -> Parts {
        let directory = try DataDirectory(at: configuration.dataDirectory)
        let record = try await SQLiteRecord.open(
            at: directory.recordPath, moment: wallClock(), sha256: { SHA256.hex($0) })
        return Parts(
            directory: directory, record: record, authority: try authority(configuration, directory))
    }

    /// The key from the configuration, else the one in the data directory, made at the first start.
    private static func authority(
        _ configuration: Configuration, _ directory: DataDirectory
    ) throws -> TokenAuthority {
        if let pem = configuration.jwtPrivateKey {
            do {
                return TokenAuthority(key: try RSAKey(privatePEM: pem))
            } catch {
                throw ConfigurationFault(
                    "SLEAP_ROOMS_JWT_PRIVATE_KEY", "…", "is no RSA private key in PEM of 2048 bits or more (\(error))")
            }
        }
        let name = "jwt-rs256.pem"
        if try directory.secret(named: name) == nil {
            let made = Array(try RSAKey.generate(.bits2048).privatePEM().utf8)
            _ = try directory.secret(named: name) { made }
        }
        let stored = try directory.secret(named: name)?.bytes ?? []
        do {
            return TokenAuthority(key: try RSAKey(privatePEM: String(decoding: stored, as: UTF8.self)))
        } catch {
            throw StartFault(
                "the signing key \(directory.keysPath)/\(name) cannot be read (\(error)): restore it from a backup, or "
                    + "delete it to make a new one, which ends every JWT given out",
                exitCode: StartFault.badConfiguration)
        }
    }

    func accounts(closing directory: RoomDirectory?) -> Accounts {
        Accounts(store: record, authority: authority, clock: wallClock, directory: directory)
    }
}
