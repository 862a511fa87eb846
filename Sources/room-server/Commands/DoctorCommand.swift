import ArgumentParser
import Glibc
import ServerAssembly

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the configuration, the data directory, the record and the address to listen on.",
        discussion: "Exit code 0 when all is well, else that of the first fault.")

    @OptionGroup var settings: SettingsOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        try await reporting {
            let report = await Doctor.examine { try settings.configuration() }
            write(json ? report.json + "\n" : report.text, to: STDOUT_FILENO)
            if let fault = report.firstFault { throw ExitCode(fault.exitCode) }
        }
    }
}
