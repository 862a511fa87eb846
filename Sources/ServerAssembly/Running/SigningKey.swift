import Cryptography
import EmbeddedStorage
import RoomService
import RoomStorage

/// The RS256 key that JWTs are signed with: from the configuration, else made once and kept beside the record, in the
/// database that all servers share or in the data directory of the one.
struct SigningKey {
    private let configuration: Configuration
    private let directory: DataDirectory
    private let record: any Record

    private static let name = "jwt-rs256.pem"

    init(_ configuration: Configuration, _ directory: DataDirectory, _ record: any Record) {
        self.configuration = configuration
        self.directory = directory
        self.record = record
    }

    func authority() async throws -> TokenAuthority {
        if let pem = configuration.jwtPrivateKey {
            do {
                return TokenAuthority(key: try RSAKey(privatePEM: pem))
            } catch {
                throw ConfigurationFault(
                    "SLEAP_ROOMS_JWT_PRIVATE_KEY", "…", "is no RSA private key in PEM of 2048 bits or more (\(error))")
            }
        }
        let (pem, place) = configuration.databaseURL == nil ? try fromDirectory() : try await fromRecord()
        do {
            return TokenAuthority(key: try RSAKey(privatePEM: pem))
        } catch {
            throw StartFault(
                "the signing key \(place) cannot be read (\(error)): restore it from a backup, or delete it to make a "
                    + "new one, which ends every JWT given out",
                exitCode: StartFault.badConfiguration)
        }
    }

    private func fromDirectory() throws -> (pem: String, place: String) {
        if try directory.secret(named: Self.name) == nil {
            let made = Array(try RSAKey.generate(.bits2048).privatePEM().utf8)
            _ = try directory.secret(named: Self.name) { made }
        }
        let stored = try directory.secret(named: Self.name)?.bytes ?? []
        return (String(decoding: stored, as: UTF8.self), "\(directory.keysPath)/\(Self.name)")
    }

    /// Of servers that start at one moment, one makes the key and all get it.
    private func fromRecord() async throws -> (pem: String, place: String) {
        let made = try RSAKey.generate(.bits2048).privatePEM()
        return (try await record.installationValue(Self.name, orElse: made), "\(Self.name) in the database")
    }
}
