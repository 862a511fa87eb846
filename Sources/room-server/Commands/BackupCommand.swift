import ArgumentParser
import Glibc
import ServerAssembly

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write everything that is not backed up yet, or read all backups back.",
        discussion: "A running server does the first within seconds by itself. Exit code 69: a store is away.",
        subcommands: [BackupNowCommand.self, BackupVerifyCommand.self], defaultSubcommand: BackupNowCommand.self)
}

struct BackupNowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "now", abstract: "Write everything that is not backed up yet (the default).",
        discussion: "Exit codes: 0 all is backed up, 1 some of it could not be, 69 a store is away.")

    @OptionGroup var settings: SettingsOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await reporting {
            let outcome = try await BackingUp.run(try settings.configuration(), json: json)
            write(outcome.text, to: STDOUT_FILENO)
            if !outcome.isWhole { throw ExitCode(1) }
        }
    }
}

struct BackupVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read every backup back and check it.",
        discussion: "Exit codes: 0 all is whole, 1 something is damaged, 69 a store is away.")

    @OptionGroup var settings: SettingsOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await reporting {
            let bar = ProgressBar("rooms")
            let outcome = try await BackingUp.verify(
                try settings.configuration(), json: json, progress: { bar.show($0, of: $1) })
            bar.end()
            write(outcome.text, to: STDOUT_FILENO)
            if !outcome.isWhole { throw ExitCode(1) }
        }
    }
}
