import ArgumentParser
import ServerAssembly

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server until SIGTERM or Ctrl-C; a second one ends it at once.",
        discussion: """
            Example: room-server serve --data /var/lib/sleap-rooms --listen 0.0.0.0:8080
            """)

    @OptionGroup var settings: SettingsOptions

    @Option(help: "HOST:PORT, port 0 for a free one; may be given several times (SLEAP_ROOMS_LISTEN).")
    var listen: [String] = []

    @Option(help: "Written when ready: {\"pid\",\"http\",\"ws\",\"version\"}.")
    var readyFile: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?

    @Option(help: "text or json.")
    var logFormat: String?

    func run() async throws {
        try await reporting {
            var configuration = try settings.configuration()
            if !listen.isEmpty { configuration.listen = listen }
            if let logLevel { configuration.logLevel = logLevel }
            if let logFormat {
                guard let format = Configuration.LogFormat(rawValue: logFormat) else {
                    throw ConfigurationFault("--log-format", logFormat, "give text or json")
                }
                configuration.logFormat = format
            }
            try await Server.run(configuration, readyFile: readyFile)
        }
    }
}
