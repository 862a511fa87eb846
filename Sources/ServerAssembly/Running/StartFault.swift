import EmbeddedStorage
import EventLoops
import RoomBackups
import RoomStorage

/// Why a command could not do its work, with the exit code that scripts rely on (sysexits).
package struct StartFault: Error, Equatable, Sendable, CustomStringConvertible {
    package static let unavailable: Int32 = 69
    package static let badConfiguration: Int32 = 78

    package let description: String
    package let exitCode: Int32

    package init(_ description: String, exitCode: Int32) {
        self.description = description
        self.exitCode = exitCode
    }

    package init(_ error: any Error) {
        switch error {
        case let fault as StartFault:
            self = fault
        case let fault as ConfigurationFault:
            self.init(fault.description, exitCode: Self.badConfiguration)
        case let error as StoreError:
            self.init(error)
        case let fault as BackupFault:
            self.init(fault)
        case let error as DataDirectoryError:
            self.init(error)
        default:
            self.init("\(error)", exitCode: 1)
        }
    }

    private init(_ error: StoreError) {
        switch error {
        case .unavailable, .outcomeUnknown, .closed: self.init(error.description, exitCode: Self.unavailable)
        case .refused, .newerSchema, .migrationMismatch: self.init(error.description, exitCode: Self.badConfiguration)
        case .corrupt: self.init(error.description, exitCode: 1)
        }
    }

    private init(_ fault: BackupFault) {
        switch fault {
        case .store(let error): self.init(error)
        case .contended: self.init(fault.description, exitCode: Self.unavailable)
        case .otherInstallation, .newerFormat: self.init(fault.description, exitCode: Self.badConfiguration)
        case .damaged, .ahead, .noSuchRoom, .unreachable: self.init(fault.description, exitCode: 1)
        }
    }

    private init(_ error: DataDirectoryError) {
        switch error {
        case .alreadyServed: self.init(error.description, exitCode: Self.unavailable)
        case .notADirectory, .notWritable, .unreadable, .invalidSecretName, .secretTooLarge:
            self.init(error.description, exitCode: Self.badConfiguration)
        }
    }

    /// An address that cannot be listened on.
    package init(_ fault: LoopFault, listeningOn address: String) {
        switch fault {
        case .addressInUse:
            self.init(
                "\(address) is taken by another program: stop it, or choose another with --listen HOST:PORT",
                exitCode: Self.unavailable)
        default:
            self.init("cannot listen on \(address): \(fault)", exitCode: Self.unavailable)
        }
    }
}
