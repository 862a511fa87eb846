import JSONWire
import RoomCore
import Testing

@testable import WireMessages

/// Requests about files, and what is answered.
@Suite struct FilesRequestTests {
    private static let sha = String(repeating: "0a", count: 32)

    private func upload(_ path: String, size: String = "3", sha256: String = sha) -> String {
        #"{"type":"registry_upload","model_id":"00000001","files":[{"path":"\#(path)","size":\#(size),"sha256":"\#(sha256)"}]}"#
    }

    @Test func anUploadNamesItsModelAndFiles() throws {
        guard case .files(.upload(let model, let files)) = try Vectors.request(upload("d/best.ckpt")) else {
            Issue.record("not an upload")
            return
        }
        #expect(model == "00000001")
        #expect(files == [ModelFile(path: "d/best.ckpt", size: 3, sha256: Digest(trusted: Self.sha))])
    }

    @Test(arguments: ["/a.ckpt", "../a.ckpt", "a/../b.ckpt", "run.sh", "", "a.ckpt.sh"])
    func aPathThatMayNotBeStoredIsRefused(_ path: String) {
        #expect(throws: Refusal.self) { try Vectors.request(upload(path)) }
    }

    @Test func sizesDigestsAndEmptyListsAreChecked() {
        for text in [
            upload("a.ckpt", size: "-1"), upload("a.ckpt", size: "1.5"), upload("a.ckpt", sha256: "xyz"),
            #"{"type":"registry_upload","model_id":"00000001","files":[]}"#,
            #"{"type":"registry_upload","model_id":"00000001"}"#, #"{"type":"registry_upload_complete"}"#,
            #"{"type":"registry_download"}"#,
        ] {
            #expect(throws: Refusal.self, "\(text)") { try Vectors.request(text) }
        }
    }

    @Test func completionAndDownloadAreRead() throws {
        guard
            case .files(.complete("abc")) = try Vectors.request(
                #"{"type":"registry_upload_complete","upload_id":"abc","parts":[]}"#),
            case .files(.download("best")) = try Vectors.request(#"{"type":"registry_download","model_id":"best"}"#)
        else {
            Issue.record("read as something else")
            return
        }
    }

    @Test func partsHaveAddressesOfTheirOwnAndWholeFilesOne() throws {
        let file = ModelFile(path: "a.ckpt", size: 3, sha256: Digest(trusted: Self.sha))
        let whole = FileAddress(file: file, method: "PUT", url: "http://x", headers: [("a", "b")])
        let parts = FileAddress(
            file: file, method: "PUT", url: nil, headers: [],
            parts: [PartAddress(number: 1, offset: 0, size: 3, url: "http://y", headers: [])])
        let reply = RegistryReply.uploadReady("id", [whole, parts], expiresAt: Timestamp(seconds: 0), hasMore: false)
        let object = try JSONValue.parse(reply.answer, maxDepth: 64).objectValue ?? [:]
        #expect(object["type"] == "registry_upload_ready")
        let files = object["files"]?.arrayValue?.compactMap(\.objectValue) ?? []
        #expect(files.count == 2)
        #expect(files.first?["url"] == "http://x" && files.first?["headers"] == ["a": "b"])
        #expect(
            files.last?["parts"] == [["number": 1, "offset": 0, "size": 3, "url": "http://y"]])
        #expect(object["expires_at"] == "1970-01-01T00:00:00Z")
    }

    @Test func mismatchesAreNamed() throws {
        let frame = ErrorMessage(mismatches: [FileMismatch(path: "a.ckpt", reason: "it is not in the store")])
            .encoded(requestID: RequestID(trusted: "r"))
        let object = try JSONValue.parse(frame, maxDepth: 64).objectValue ?? [:]
        #expect(object["code"] == "INVALID_MESSAGE")
        #expect(object["mismatches"] == [["path": "a.ckpt", "reason": "it is not in the store"]])
    }
}
