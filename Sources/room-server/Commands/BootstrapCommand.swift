import ArgumentParser
import Glibc
import ServerAssembly

struct BootstrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bootstrap",
        abstract: "Make a first user and room, and print credentials for them.",
        discussion: """
            Works before the first start and beside a running server. Run again for another --user with the same \
            --room: that user joins the room as a member.

            Example: room-server bootstrap --user alice --room lab-mice --worker gpu-1 --json
            """)

    @OptionGroup var settings: SettingsOptions

    @Option(help: "The user's name.")
    var user: String

    @Option(help: "The room's name.")
    var room: String

    @Option(help: "A worker's name; prints a token for it.")
    var worker: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await reporting {
            let starter = try await Bootstrapping.run(
                try settings.configuration(), user: user, room: room, worker: worker)
            write(json ? starter.json + "\n" : starter.text, to: STDOUT_FILENO)
        }
    }
}
