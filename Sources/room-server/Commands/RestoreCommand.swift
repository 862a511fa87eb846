import ArgumentParser
import Glibc
import ServerAssembly

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore all rooms, or one room to an earlier state, from the backups.",
        discussion: """
            Without --room every room comes back that is not in the record; those that are there stay as they are. \
            With --room that room is set back in place, and whoever has it open goes on from there.

            Example: room-server restore --room 1a2b3c4d --at-time 2026-01-31T12:00:00Z --into "as it was"

            Exit codes: 0 done, 1 damaged or not kept, 69 a store is away, 78 bad configuration.
            """)

    @OptionGroup var settings: SettingsOptions

    @Option(help: "The id of one room.")
    var room: String?

    @Option(help: "As it was at a revision.")
    var atRevision: Int?

    @Option(help: "As it was at a moment, such as 2026-01-31T12:00:00Z.")
    var atTime: String?

    @Option(help: "Make a new room of this name instead, for the owner.")
    var into: String?

    @Flag(help: "Read everything and say what would be done.")
    var dryRun = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await reporting {
            var order = Restoring.Order()
            order.room = room
            order.revision = atRevision
            order.time = atTime
            order.newName = into
            order.dryRun = dryRun
            order.json = json
            let bar = ProgressBar("rooms")
            let outcome = try await Restoring.run(
                try settings.configuration(), order, tell: { write("room-server: \($0)\n", to: STDERR_FILENO) },
                progress: { bar.show($0, of: $1) })
            bar.end()
            write(outcome.text, to: STDOUT_FILENO)
            if !outcome.isWhole { throw ExitCode(1) }
        }
    }
}
