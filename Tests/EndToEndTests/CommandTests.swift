import Foundation
import Testing

/// What the commands do with what they are given, as scripts see it.
@Suite struct CommandTests {
    private func server(_ arguments: [String], environment: [String: String] = [:]) throws -> Command {
        try Command.run(BuiltServer.binary, arguments, environment: environment)
    }

    @Test func anUnknownFlagIsAUsageError() throws {
        #expect(try server(["serve", "--no-such-flag"]).status == 64)
    }

    @Test func everyCommandHasHelp() throws {
        for command in [
            [], ["serve"], ["bootstrap"], ["migrate"], ["doctor"], ["backup"], ["backup", "verify"], ["restore"],
        ] {
            let run = try server(command + ["--help"])
            #expect(run.status == 0)
            #expect(run.output.contains("USAGE"))
        }
    }

    @Test func aWrongSettingIsNamedWithItsRemedy() throws {
        let data = TemporaryDirectory()
        let run = try server(
            ["serve", "--data", data.path("data")], environment: ["SLEAP_ROOMS_OUTBOX_BYTES": "plenty"])
        #expect(run.status == 78)
        #expect(run.errors.contains("SLEAP_ROOMS_OUTBOX_BYTES=plenty"))
        #expect(run.errors.contains("whole number"))
    }

    @Test(arguments: ["SLEAP_ROOMS_DATABASE_URL", "SLEAP_ROOMS_REDIS_URL"])
    func anAddressOfAnotherKindOfStoreIsRefusedAndNotShown(_ key: String) throws {
        let run = try server(
            ["doctor", "--data", TemporaryDirectory().path("data")],
            environment: [key: "mysql://me:hunter2@db/rooms"])
        #expect(run.status == 78)
        #expect((run.output + run.errors).contains(key))
        #expect(!(run.output + run.errors).contains("hunter2"))
    }

    @Test func aDatabaseThatIsNotThereIsAnUnreachableServiceAndItsPasswordNotShown() throws {
        let run = try server(
            ["doctor", "--data", TemporaryDirectory().path("data")],
            environment: ["SLEAP_ROOMS_DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:1/rooms"])
        #expect(run.status == 69)
        #expect(!(run.output + run.errors).contains("hunter2"))
    }

    @Test func theFileIsReadAndTheEnvironmentWinsOverIt() throws {
        let directory = TemporaryDirectory()
        let file = directory.path("rooms.conf")
        try "# limits\nSLEAP_ROOMS_LOOPS=nonsense\n".write(toFile: file, atomically: true, encoding: .utf8)
        let arguments = ["migrate", "--config", file, "--data", directory.path("data")]
        #expect(try server(arguments).status == 78)
        #expect(try server(arguments, environment: ["SLEAP_ROOMS_LOOPS": "1"]).status == 0)
    }

    @Test func aTakenPortIsAnUnreachableService() throws {
        let running = BuiltServer()
        try running.start()
        let other = TemporaryDirectory()
        let run = try server(["serve", "--data", other.path("data"), "--listen", running.address])
        #expect(run.status == 69)
        #expect(run.errors.contains(running.address))
        #expect(run.errors.contains("--listen"))
    }

    @Test func aDataDirectoryInUseIsRefused() throws {
        let running = BuiltServer()
        try running.start()
        let run = try server(["serve", "--data", running.data, "--listen", "127.0.0.1:0"])
        #expect(run.status == 69)
        #expect(run.errors.contains("served by"))
    }

    @Test func aFileInPlaceOfTheDataDirectoryIsRefused() throws {
        let directory = TemporaryDirectory()
        try "x".write(toFile: directory.path("data"), atomically: true, encoding: .utf8)
        let run = try server(["serve", "--data", directory.path("data"), "--listen", "127.0.0.1:0"])
        #expect(run.status == 78)
        #expect(run.errors.contains("not a directory"))
    }

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAsItWas() throws {
        let directory = TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path("data"), withIntermediateDirectories: true)
        let record = directory.path("data/record.sqlite")
        let text = String(repeating: "not a database ", count: 400)
        try text.write(toFile: record, atomically: true, encoding: .utf8)
        let run = try server(["serve", "--data", directory.path("data"), "--listen", "127.0.0.1:0"])
        #expect(run.status == 1)
        #expect(run.errors.contains("corrupt"))
        #expect(try String(contentsOfFile: record, encoding: .utf8) == text)
    }

    @Test func bootstrapJoinsLaterUsersAsMembersAndPrintsNoTokenUnlessAsked() throws {
        let server = BuiltServer()
        let first = try server.bootstrap(user: "alice", room: "lab", worker: "gpu-1")
        let again = try server.bootstrap(user: "alice", room: "lab", worker: nil)
        let second = try server.bootstrap(user: "bob", room: "lab", worker: nil)
        #expect(first.worker_token?.hasPrefix("slp_") == true)
        #expect(again.worker_token == nil)
        #expect(again.user_id == first.user_id)
        #expect(second.room_id == first.room_id)
        #expect(second.user_id != first.user_id)
    }

    @Test func doctorFindsNothingWrongWithAFreshDirectory() throws {
        let directory = TemporaryDirectory()
        let run = try server(
            ["doctor", "--data", directory.path("data"), "--json"], environment: ["SLEAP_ROOMS_LISTEN": "127.0.0.1:0"])
        #expect(run.status == 0)
        #expect(run.output.contains(#""ok":true"#))
    }
}
