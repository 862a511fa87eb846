import Cryptography
import EventLoops
import Foundation
import FoundationNetworking
import JSONWire
import RoomClient
import Testing

/// A file of a test's, with bytes that follow from its number.
struct TestFile {
    let path: String
    let bytes: [UInt8]

    init(_ path: String, count: Int, seed: UInt64) {
        self.path = path
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        bytes = (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }

    var sha256: String { SHA256.hex(bytes) }
    var entry: JSONValue { ["path": .string(path), "size": .integer(bytes.count), "sha256": .string(sha256)] }
}

struct FileAnswer {
    let status: Int
    let bytes: [UInt8]
    let headers: [String: String]
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

enum FileClient {
    static func ask(
        _ method: String, _ url: String, body: [UInt8]? = nil, headers: [String: String] = [:]
    ) async throws -> FileAnswer {
        var request = URLRequest(url: try #require(URL(string: url)))
        request.httpMethod = method
        request.timeoutInterval = 30
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        if let body { request.httpBody = Data(body) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let http = try #require(response as? HTTPURLResponse)
        var found: [String: String] = [:]
        for (name, value) in http.allHeaderFields { found["\(name)".lowercased()] = "\(value)" }
        return FileAnswer(status: http.statusCode, bytes: [UInt8](data), headers: found)
    }

    /// Sends what an upload names; `limit` breaks off after so many requests.
    @discardableResult
    static func send(_ ready: JSONObject, _ files: [TestFile], limit: Int = .max) async throws -> Int {
        var sent = 0
        for entry in ready["files"]?.arrayValue ?? [] {
            let entry = try #require(entry.objectValue)
            let file = try #require(files.first { $0.path == entry["path"]?.stringValue })
            if let url = entry["url"]?.stringValue {
                guard sent < limit else { return sent }
                #expect(try await ask("PUT", url, body: file.bytes, headers: headers(of: entry)).status == 200)
                sent += 1
            }
            for part in entry["parts"]?.arrayValue ?? [] {
                guard sent < limit else { return sent }
                let part = try #require(part.objectValue)
                let offset = try #require(part["offset"]?.intValue)
                let size = try #require(part["size"]?.intValue)
                let url = try #require(part["url"]?.stringValue)
                let bytes = Array(file.bytes[offset..<offset + size])
                #expect(try await ask("PUT", url, body: bytes, headers: headers(of: part)).status == 200)
                sent += 1
            }
        }
        return sent
    }

    /// The headers that an address was signed with, to be sent as they are.
    private static func headers(of address: JSONObject) -> [String: String] {
        let members = address["headers"]?.objectValue ?? [:]
        return Dictionary(
            uniqueKeysWithValues: members.compactMap { member in
                member.value.stringValue.map { (member.key, $0) }
            })
    }
}

extension RoomSession {
    func publishModel(_ id: String, files: [TestFile] = []) async throws {
        var model: JSONObject = ["id": .string(id), "name": "mouse", "model_type": "centroid"]
        if !files.isEmpty { model["files"] = .array(files.map(\.entry)) }
        _ = try await ask("registry_publish", ["model": .object(model)])
    }

    func upload(_ id: String, _ files: [TestFile]) async throws -> JSONObject {
        try await ask("registry_upload", ["model_id": .string(id), "files": .array(files.map(\.entry))])
    }

    func complete(_ upload: JSONObject) async throws -> JSONObject {
        try await ask("registry_upload_complete", ["upload_id": upload["upload_id"] ?? .null])
    }

    func storageState(of id: String) async throws -> String? {
        let reply = try await query("get_model_info", ["model_id": .string(id)])
        return reply["model"]?.objectValue?["storage"]?.objectValue?["state"]?.stringValue
    }

    /// The refusal of a request that must not be granted.
    func refusal(_ type: String, _ fields: JSONObject) async throws -> String {
        do {
            return "granted: \(try await ask(type, fields))"
        } catch {
            return "\(error)"
        }
    }
}
