import Foundation
import ScriptedServing
import ServerAssembly
import Testing

/// The files under `deploy/` and the `Dockerfile`, as far as they can be tried without a container.
@Suite struct DeployTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    private func names(_ pattern: Regex<Substring>, in text: String) -> Set<String> {
        Set(text.matches(of: pattern).map { String($0.output) })
    }

    private var python: String { ProcessInfo.processInfo.environment["SLEAP_ROOMS_TEST_PYTHON"] ?? "/usr/bin/python3" }

    @Test(arguments: ["deploy/compose.yaml", "Dockerfile", "deploy/.env.example"])
    func everySettingInItIsOneOfTheServers(_ path: String) throws {
        let named = names(/SLEAP_ROOMS_[A-Z0-9_]+/, in: try text(path))
        let known = Set(ConfigurationReader.keys)
        #expect(named.subtracting(known).isEmpty)
        #expect(path == "deploy/.env.example" || !named.isEmpty)
    }

    @Test func everySecretOfTheComposeFileMustBeGivenAndHasNoDefault() throws {
        let compose = try text("deploy/compose.yaml")
        let example = try text("deploy/.env.example")
        let asked = Set(compose.matches(of: /\$\{([A-Z0-9_]+)(:\?)?/).map { String($0.output.1) })
        let offered = example.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(Set(offered.map(String.init)) == Set(asked.map { "\($0)=" }))
        #expect(compose.matches(of: /\$\{[A-Z0-9_]+(?!:\?)[^A-Z0-9_]/).isEmpty, "one may be left empty")
    }

    /// What compose itself would refuse, or wait for without end.
    @Test func theComposeFileFitsTogether() throws {
        let script = """
            import sys, yaml
            compose = yaml.safe_load(open(sys.argv[1]))
            services = compose["services"]
            for name, service in services.items():
                for other, condition in service.get("depends_on", {}).items():
                    assert other in services, f"{name} waits for {other}, which there is not"
                    if condition["condition"] == "service_healthy":
                        assert "healthcheck" in services[other] or "build" in services[other], f"{other} is never healthy"
                for volume in service.get("volumes", []):
                    source = volume.split(":")[0]
                    assert source.startswith("./") or source in compose["volumes"], f"no volume {source}"
                assert "image" in service and not service["image"].endswith(":latest"), name
            servers = [service for service in services.values() if "build" in service]
            assert len(servers) == 2 and len({str(server["volumes"]) for server in servers}) == 2
            assert all(server["read_only"] and server["environment"] for server in servers)
            """
        let run = try Command.run(
            python, ["-c", script, Self.root.appending(path: "deploy/compose.yaml").standardizedFileURL.path])
        #expect(run.status == 0, "\(run.errors)")
    }

    private static let isDebian12 =
        (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8).contains("VERSION_CODENAME=bookworm")) ?? false

    /// The image is built by the same list of packages, and runs with the libraries that these bring.
    @Test(.enabled(if: isDebian12)) func theImageHoldsTheLibrariesThatTheServerIsLinkedTo() throws {
        let dockerfile = try text("Dockerfile")
        #expect(dockerfile.contains("RUN deploy/packages\n"))
        #expect(dockerfile.contains("FROM debian:bookworm-slim\n"))
        let installed = try #require(dockerfile.firstMatch(of: /no-install-recommends \\\n([^&]*?)\\\n/)).output.1
            .split(whereSeparator: \.isWhitespace).map(String.init)
        let needed = try Command.run("/usr/bin/env", ["readelf", "-d", BuiltServer.binary]).output
            .matches(of: /NEEDED.*\[(.*)\]/).map { String($0.output.1) }
        let linked = try Command.run("/usr/bin/env", ["ldd", BuiltServer.binary]).output
        #expect(needed.contains("libpq.so.5"))
        for library in needed where !library.contains("wift") && library != "libFoundationEssentials.so" {
            let path = linked.matches(of: /(\S+) => (\/(?:usr\/)?lib\/\S+)/).first { $0.output.1 == library }?.output.2
            // What comes with Swift is linked in, in the image.
            guard let path else { continue }
            let owner = try Command.run("/usr/bin/env", ["dpkg", "-S", "/usr\(path.trimmingPrefix("/usr"))"])
            let other = try Command.run("/usr/bin/env", ["dpkg", "-S", String(path)])
            let package = (owner.output + other.output).prefix { $0 != ":" }
            #expect(
                ["libc6", "libgcc-s1"].contains(package) || installed.contains(String(package)),
                "\(library): \(package)")
        }
    }

    @Test func theHealthCheckOfTheImageTellsARunningServerFromNone() throws {
        let command = try #require(try text("Dockerfile").firstMatch(of: /CMD (\["bash".*\])/)).output.1
        let words = try JSONDecoder().decode([String].self, from: Data(command.utf8))
        func check(_ address: String) throws -> Int32? {
            let port = address.split(separator: ":").last ?? ""
            return try Command.run(
                "/usr/bin/env", words.map { $0.replacing("/8080 ", with: "/\(port) ") }
            ).status
        }
        let server = BuiltServer()
        try server.start()
        #expect(try check(server.address) == 0)
        server.kill()
        #expect(try check(server.address) != 0)
    }

    /// Credentials stand in queries and at the ends of paths.
    @Test func theProxyLogsNoCredential() async throws {
        let files = TemporaryDirectory()
        let server = try ScriptedServer { _ in .text(200, "{}") }
        let port = Loopback.freePort()
        var config = try text("deploy/haproxy.cfg")
        for name in ["room-server-1:8080", "room-server-2:8080", "s3:9000"] {
            config = config.replacing(" \(name)", with: " 127.0.0.1:\(server.port)")
        }
        config = config.replacing("bind :8080", with: "bind 127.0.0.1:\(port)")
            .replacing("bind :9000", with: "bind 127.0.0.1:\(Loopback.freePort())")
        let path = files.path("haproxy.cfg")
        try config.write(toFile: path, atomically: true, encoding: .utf8)
        let proxy = try Child(
            "/usr/bin/env", ["PATH=/usr/sbin:/usr/bin:/bin", "haproxy", "-db", "-f", path], files: files)
        let answers = proxy.wait(upTo: 20) { Loopback.answers(port) || proxy.status != nil }
        try #require(answers && proxy.status == nil, "haproxy did not start: \(proxy.errors)")
        let places = [
            "/api/auth/cli/poll?state=SECRET": "/api/auth/cli",
            "/login/with/oidc-1?cli_state=SECRET": "/login/with/oidc-1",
            "/api/auth/account-keys/SECRET": "/api/auth/account-keys", "/api/auth/token/SECRET?a=b": "/api/auth/token",
            "/relay/stream/SECRET": "/relay/stream", "/stream/SECRET": "/stream", "/?jwt=SECRET": "/",
        ]
        for address in places.keys {
            _ = try await FileClient.ask("GET", "http://127.0.0.1:\(port)\(address)")
        }
        var logged: [String] {
            proxy.output.split(separator: "\n").filter { $0.contains(" GET ") }
                .compactMap { $0.split(separator: " ").last.map(String.init) }
        }
        let isLogged = proxy.wait(upTo: 20) { logged.count >= places.count }
        #expect(isLogged && !proxy.output.contains("SECRET"), "\(proxy.output)")
        #expect(logged.sorted() == places.values.sorted())
        _ = proxy.end(SIGKILL)
    }
}
