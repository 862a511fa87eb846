import JSONWire
import RoomCore

/// What a peer asks about the files of a model; their bytes go to the store and back without passing through a room.
package enum FilesRequest: Sendable {
    case upload(model: String, files: [ModelFile])
    case complete(upload: String)
    case download(model: String)

    init(_ type: MessageType, _ reader: FieldReader) throws(FieldFault) {
        switch type {
        case .registryUpload:
            let files = try reader.required("files", reader.files("files"))
            guard !files.isEmpty else { throw FieldFault(reader.path("files"), "name one file at least") }
            for file in files where !StoragePolicy.isStorable(file.path) {
                throw FieldFault(reader.path("files"), "\(file.path): \(StoragePolicy.extensionRule)")
            }
            self = .upload(model: try Self.model(reader), files: files)
        case .registryUploadComplete:
            self = .complete(upload: try reader.required("upload_id", reader.string("upload_id", maxBytes: 128)))
        default:
            self = .download(model: try Self.model(reader))
        }
    }

    private static func model(_ reader: FieldReader) throws(FieldFault) -> String {
        try reader.required("model_id", reader.string("model_id", maxBytes: 128))
    }
}

/// One address of the store, as a peer is told it.
package struct FileAddress: Sendable {
    package let file: ModelFile
    package let method: String
    /// Nil for a file that goes in parts.
    package let url: String?
    package let headers: [(name: String, value: String)]
    package let parts: [PartAddress]

    package init(
        file: ModelFile, method: String, url: String?, headers: [(name: String, value: String)],
        parts: [PartAddress] = []
    ) {
        self.file = file
        self.method = method
        self.url = url
        self.headers = headers
        self.parts = parts
    }
}

package struct PartAddress: Sendable {
    package let number: Int
    package let offset: Int
    package let size: Int
    package let url: String
    package let headers: [(name: String, value: String)]

    package init(
        number: Int, offset: Int, size: Int, url: String, headers: [(name: String, value: String)]
    ) {
        self.number = number
        self.offset = offset
        self.size = size
        self.url = url
        self.headers = headers
    }
}

/// A file that is not in the store as it was announced.
package struct FileMismatch: Error, Sendable, Equatable {
    package let path: String
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}

extension RegistryReply {
    /// - Parameter hasMore: more is missing than fits a reply: send this, then ask again.
    package static func uploadReady(
        _ upload: String, _ files: [FileAddress], expiresAt: Timestamp, hasMore: Bool
    ) -> RegistryReply {
        RegistryReply("registry_upload_ready") { writer in
            writer.member("upload_id", upload)
            writer.member("files", .array(files.map(\.json)))
            writer.member("expires_at", expiresAt.description)
            if hasMore { writer.member("more", true) }
        }
    }

    package static func downloadReady(_ files: [FileAddress], expiresAt: Timestamp) -> RegistryReply {
        RegistryReply("registry_download_ready") { writer in
            writer.member("files", .array(files.map(\.downloadJSON)))
            writer.member("expires_at", expiresAt.description)
        }
    }

    /// What is stored already, and changed nothing.
    package static func stored(
        _ entry: ModelEntry, epoch: Epoch, revision: Revision, presence: WorkerPresence
    ) -> RegistryReply {
        RegistryReply("registry_stored") { writer in
            writer.member("revision", revision.number)
            writer.member("epoch", epoch.text)
            writer.member("model", raw: entry.encoded(presence: presence))
        }
    }
}

extension ErrorMessage {
    /// The upload did not bring what it announced.
    package init(mismatches: [FileMismatch]) {
        let list = mismatches.map { JSONValue.object(["path": .string($0.path), "reason": .string($0.reason)]) }
        self.init(
            code: "INVALID_MESSAGE",
            message: "\(mismatches.count) files are not in the store as announced; "
                + "send registry_upload again and upload what it names",
            extra: ["mismatches": .array(list)])
    }
}

extension FileAddress {
    private static func object(_ headers: [(name: String, value: String)]) -> JSONValue {
        var object: JSONObject = [:]
        for header in headers { object[header.name] = .string(header.value) }
        return .object(object)
    }

    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "path": .string(file.path), "method": .string(method), "url": url.map(JSONValue.string) ?? .null,
            "headers": Self.object(headers),
        ]
        guard url == nil else { return .object(object) }
        object["parts"] = .array(
            parts.map { part in
                var one: JSONObject = [
                    "number": .integer(part.number), "offset": .integer(part.offset), "size": .integer(part.size),
                    "url": .string(part.url),
                ]
                if !part.headers.isEmpty { one["headers"] = Self.object(part.headers) }
                return .object(one)
            })
        return .object(object)
    }

    fileprivate var downloadJSON: JSONValue {
        [
            "path": .string(file.path), "size": .integer(file.size), "sha256": .string(file.sha256.text),
            "url": url.map(JSONValue.string) ?? .null,
        ]
    }
}
