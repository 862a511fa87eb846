import EventLoops
import JSONWire
import Logging
import RoomService
import RoomStorage

/// The `doctor` command: tries everything a start needs, and says what is wrong and what to do.
package struct Doctor: Sendable {
    package struct Finding: Sendable {
        let name: String
        let fault: StartFault?
    }

    package let findings: [Finding]
    package let storage: FileCheck.Report?

    package var firstFault: StartFault? { findings.lazy.compactMap(\.fault).first }

    package static func examine(_ read: @Sendable () throws -> Configuration) async -> Doctor {
        var findings: [Finding] = []
        var storage: FileCheck.Report?
        let configuration: Configuration
        do {
            configuration = try read()
            findings.append(Finding(name: "configuration", fault: nil))
        } catch {
            return Doctor(
                findings: [Finding(name: "configuration", fault: StartFault(error))], storage: nil)
        }
        do {
            let parts = try await Parts.open(configuration)
            _ = try await parts.record.rooms(named: "")
            if configuration.databaseURL != nil { try await parts.record.probe() }
            findings.append(Finding(name: "data directory and record", fault: nil))
            await Self.examineFiles(configuration, parts, &findings, &storage)
            await parts.record.close()
        } catch {
            findings.append(Finding(name: "data directory and record", fault: StartFault(error)))
        }
        if configuration.redisURL != nil { findings.append(await Self.liveFinding(configuration)) }
        for address in configuration.listen {
            findings.append(Finding(name: "listen on \(address)", fault: Self.listeningFault(address)))
        }
        return Doctor(findings: findings, storage: storage)
    }

    /// Tells what is missing and what is too much; neither keeps a server from starting.
    private static func examineFiles(
        _ configuration: Configuration, _ parts: Parts, _ findings: inout [Finding],
        _ storage: inout FileCheck.Report?
    ) async {
        do {
            let files = try parts.files(
                configuration, at: PublicAddress(configuration),
                logger: Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() })
            storage = try await FileCheck(
                files.files, manifests: parts.record, directory: nil, clock: wallClock,
                logger: Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() }
            ).examine(.telling)
            findings.append(Finding(name: "model files", fault: nil))
        } catch {
            findings.append(Finding(name: "model files", fault: StartFault(error)))
        }
    }

    private static func liveFinding(_ configuration: Configuration) async -> Finding {
        do {
            return Finding(name: "live rooms", fault: try await configuration.liveFault())
        } catch {
            return Finding(name: "live rooms", fault: StartFault(error))
        }
    }

    private static func listeningFault(_ text: String) -> StartFault? {
        do throws(LoopFault) {
            let group = try EventLoopGroup.start(count: 1, label: "doctor")
            defer { group.stop() }
            let listener = try Listener.bind(
                to: SocketAddress(text), on: group, limits: ConnectionLimits(total: 1, perAddress: 1),
                onAccept: { _, _ in })
            listener.close()
            return nil
        } catch {
            return StartFault(error, listeningOn: text)
        }
    }

    package var text: String {
        findings.map { finding in
            finding.fault.map { "fault  \(finding.name): \($0)\n" } ?? "ok     \(finding.name)\n"
        }.joined() + (storage.map { "       \($0.sentence)\n" } ?? "")
    }

    package var json: String {
        let checks = findings.map { finding -> JSONValue in
            ["name": .string(finding.name), "fault": finding.fault.map { .string($0.description) } ?? .null]
        }
        return String(
            decoding: JSONValue.object([
                "ok": .bool(firstFault == nil), "checks": .array(checks), "storage": storage?.json ?? .null,
            ]).encoded(),
            as: UTF8.self)
    }
}
