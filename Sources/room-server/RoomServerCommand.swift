import ArgumentParser
import ServerAssembly

@main
struct RoomServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "room-server",
        abstract: "Where labs meet their GPUs and share their models.",
        discussion: """
            With nothing configured everything is kept in ./data: a SQLite file, a directory of files, a signing key.

            Exit codes: 0 done, 64 usage, 69 a required service is unreachable, 78 bad configuration, 1 other.
            """,
        version: ServerVersion.text,
        subcommands: [
            ServeCommand.self, BootstrapCommand.self, MigrateCommand.self, DoctorCommand.self, BackupCommand.self,
            RestoreCommand.self,
        ])
}
