/// One step of the schema: numbered, forward only, and never edited once it shipped.
///
/// The text lives in `migrations/` at the top of the package, where people and tools look for it. `Migrations/` beside
/// this file links to it, and the build carries the linked text into the program.
package struct SchemaMigration: Sendable {
    package let number: Int
    package let name: String
    package let sql: [UInt8]

    package init(number: Int, name: String, sql: [UInt8]) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// What this program knows, in order.
    package static let embedded = [
        SchemaMigration(number: 1, name: "record", sql: PackageResources._001_record_sqlite_sql),
        SchemaMigration(number: 2, name: "uploads", sql: PackageResources._002_uploads_sqlite_sql),
        SchemaMigration(number: 3, name: "backups", sql: PackageResources._003_backups_sqlite_sql),
        SchemaMigration(number: 4, name: "files", sql: PackageResources._004_files_sqlite_sql),
        SchemaMigration(number: 5, name: "public_keys", sql: PackageResources._005_public_keys_sqlite_sql),
        SchemaMigration(number: 6, name: "epochs", sql: PackageResources._006_epochs_sqlite_sql),
        SchemaMigration(number: 7, name: "verifiers", sql: PackageResources._007_verifiers_sqlite_sql),
        SchemaMigration(number: 8, name: "access", sql: PackageResources._008_access_sqlite_sql),
    ]
}
