import ArgumentParser
import Glibc
import ServerAssembly

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the record's schema up to this program; serve does it too.")

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
        try await reporting {
            write(try await Migrating.run(try settings.configuration()) + "\n", to: STDOUT_FILENO)
        }
    }
}
