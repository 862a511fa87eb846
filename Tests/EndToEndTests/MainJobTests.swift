import Foundation
import Testing

/// The main job on real input: a worker publishes a trained model, others see it, and a kill takes nothing.
@Suite struct MainJobTests {
    /// What sleap-nn leaves behind: a checkpoint of megabytes and the configuration it was trained with.
    private func modelFolder(in directory: TemporaryDirectory) throws -> String {
        let folder = directory.path("mouse-centroid")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var checkpoint = Data(capacity: 4 << 20)
        var state: UInt64 = 42
        while checkpoint.count < 4 << 20 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            withUnsafeBytes(of: state) { checkpoint.append(contentsOf: $0) }
        }
        try checkpoint.write(to: URL(filePath: folder + "/best.ckpt"))
        try """
        data_config:
          train_labels_path: [/data/mice.slp]
        model_config:
          backbone_config: {unet: {filters: 16, max_stride: 16}}
          head_configs:
            single_instance: null
            centroid: {confmaps: {anchor_part: null, sigma: 2.5, output_stride: 2}}
            centered_instance: null
            bottomup: null
        trainer_config: {max_epochs: 100, run_name: mouse-centroid}
        """.write(toFile: folder + "/training_config.yaml", atomically: true, encoding: .utf8)
        return folder
    }

    private var python: String { ProcessInfo.processInfo.environment["SLEAP_ROOMS_TEST_PYTHON"] ?? "/usr/bin/python3" }
    private var examples: String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../deploy/examples")
            .standardizedFileURL
            .path
    }

    @Test func aModelPublishedByTheReadmesExampleOutlivesItsWorkerAndAKill() throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        let clientStarter = try server.bootstrap(user: "bob", worker: nil)
        try server.start()
        let watcher = try Watching(python: python, script: examples + "/watch.py", server: server, as: clientStarter)
        try watcher.wait(for: #""type":"registry_snapshot""#)

        let published = try Command.run(
            python, [examples + "/publish.py", try modelFolder(in: server.directory)],
            environment: ["SLEAP_ROOMS_URL": server.ws, "SLEAP_ROOMS_TOKEN": try #require(starter.worker_token)])
        #expect(published.status == 0, "\(published.errors)")
        #expect(published.output.contains(#""type": "registry_published""#))
        #expect(published.output.contains(#""model_type": "centroid""#))
        try watcher.wait(for: #""kind":"published""#)
        try watcher.wait(for: #""online":false"#)
        watcher.end()

        let before = try resolve("production", on: server, as: clientStarter)
        server.kill()
        try server.start()
        let after = try resolve("production", on: server, as: clientStarter)
        #expect(after["revision"] as? Int == 1)
        #expect(after["epoch"] as? String == before["epoch"] as? String)
        let model = try #require(after["model"] as? [String: Any])
        #expect(model["digest"] as? String == (before["model"] as? [String: Any])?["digest"] as? String)
        #expect(model["model_type"] as? String == "centroid")
        let copies = try #require(model["copies"] as? [[String: Any]])
        #expect(copies.count == 1)
        #expect(copies.first?["worker"] as? String == "gpu-1")
        #expect(copies.first?["online"] as? Bool == false)
        #expect((model["available_on_workers"] as? [String])?.isEmpty == true)
    }

    /// Asks with an ordinary Python client.
    private func resolve(
        _ name: String, on server: BuiltServer, as starter: BuiltServer.Starter
    ) throws -> [String: Any] {
        let script = """
            import asyncio, json, sys, websockets
            async def ask():
                async with websockets.connect(sys.argv[1]) as socket:
                    await socket.send(json.dumps({"type": "register", "role": "client", "room_id": sys.argv[2],
                        "jwt": sys.argv[3], "capabilities": ["registry/1"]}))
                    await socket.recv()
                    await socket.send(json.dumps({"type": "registry_query", "request_id": "q",
                        "command": "get_model_info", "model_id": sys.argv[4]}))
                    print(await socket.recv())
            asyncio.run(ask())
            """
        let run = try Command.run(python, ["-c", script, server.ws, starter.room_id, starter.jwt, name])
        try #require(run.status == 0, "\(run.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    }
}

/// The README's second program, watching in the background.
private final class Watching {
    private let child: Child

    init(python: String, script: String, server: BuiltServer, as starter: BuiltServer.Starter) throws {
        child = try Child(
            python, [script],
            environment: [
                "SLEAP_ROOMS_URL": server.ws, "SLEAP_ROOMS_ROOM": starter.room_id, "SLEAP_ROOMS_JWT": starter.jwt,
            ], files: server.directory)
    }

    func wait(for text: String) throws {
        let isThere = child.wait(upTo: 20) { child.output.contains(text) || child.status != nil }
        try #require(isThere && child.output.contains(text), "no \(text) in: \(child.output) \(child.errors)")
    }

    func end() { _ = child.end(SIGTERM) }
}
