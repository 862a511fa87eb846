/// The `migrate` command: opening the record brings it up to date.
package enum Migrating {
    package static func run(_ configuration: Configuration) async throws -> String {
        let parts = try await Parts.open(configuration)
        await parts.record.close()
        return "the record in \(parts.directory.path) is up to date"
    }
}
