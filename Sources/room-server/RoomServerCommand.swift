import ArgumentParser
import Glibc
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
    /// Ends the process without the libraries' own ends (`exit`, atexit(3)): they take away what other threads, opening a
    /// connection just then, still use, and the process would be aborted with its work done.
    static func main() async {
        var status = ExitCode.success
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            status = exitCode(for: error)
            let message = fullMessage(for: error)
            if !message.isEmpty { write(message + "\n", to: status.isSuccess ? STDOUT_FILENO : STDERR_FILENO) }
        }
        fflush(nil)
        _exit(status.rawValue)
    }
}
