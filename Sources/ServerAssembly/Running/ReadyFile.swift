import EventLoops
import FoundationEssentials
import Glibc
import JSONWire

/// `{"pid","http","ws","version"}`, for whoever waits for the server to be ready.
struct ReadyFile {
    let address: SocketAddress
    let version: String

    /// Written whole or not at all.
    func write(to path: String) throws {
        let object: JSONObject = [
            "pid": .integer(Int(getpid())), "http": .string("http://\(address)"), "ws": .string("ws://\(address)/"),
            "version": .string(version),
        ]
        do {
            try Data(JSONValue.object(object).encoded()).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ConfigurationFault("--ready-file", path, "cannot be written (\(error)); name a writable place")
        }
    }
}
