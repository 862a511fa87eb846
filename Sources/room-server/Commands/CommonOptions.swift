import ArgumentParser
import Glibc
import ServerAssembly

/// Where settings come from: flags over environment over file over defaults.
struct SettingsOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "A file of KEY=value lines; the environment wins over it.")
    var file: String?

    @Option(name: .customLong("data"), help: "The data directory (SLEAP_ROOMS_DATA_DIR).")
    var directory: String?

    func configuration() throws -> Configuration {
        var configuration = try ConfigurationReader(
            environment: ProcessEnvironment.variables, configurationFile: file
        ).configuration()
        if let directory { configuration.dataDirectory = directory }
        return configuration
    }
}

/// Runs a command and turns what went wrong into a sentence on standard error and an exit code.
func reporting(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let exit as ExitCode {
        throw exit
    } catch {
        let fault = StartFault(error)
        write("room-server: \(fault.description)\n", to: STDERR_FILENO)
        throw ExitCode(fault.exitCode)
    }
}

func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
}
