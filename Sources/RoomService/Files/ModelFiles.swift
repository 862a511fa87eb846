import Cryptography
import RoomCore
import RoomStorage

/// Where models' files lie, and how peers get at them.
package struct ModelFiles: Sendable {
    package let transfers: any FileTransfers
    package let blobs: any BlobStore
    package let ledger: any UploadLedger & FileUpkeep
    package let settings: FileSettings
    /// Rooms of the record after one, in byte order.
    package let rooms: @Sendable (RoomID?, Int) async throws(StoreError) -> [RoomID]
    /// What the store calls the folder of these keys, for people and other tools: `s3://bucket/prefix/models/…/`.
    package let folderAddress: @Sendable (String) -> String?

    package init(
        transfers: any FileTransfers, blobs: any BlobStore, ledger: any UploadLedger & FileUpkeep,
        settings: FileSettings,
        rooms: @escaping @Sendable (RoomID?, Int) async throws(StoreError) -> [RoomID],
        folderAddress: @escaping @Sendable (String) -> String?
    ) {
        self.transfers = transfers
        self.blobs = blobs
        self.ledger = ledger
        self.settings = settings
        self.rooms = rooms
        self.folderAddress = folderAddress
    }
}

// MARK: - The ledger

/// The record did not do what was asked of it for a file: that is no outage of the file store.
struct LedgerFault: Error {
    let cause: StoreError
}

extension ModelFiles {
    /// Asks the ledger on behalf of a peer.
    func noting<Answer>(
        _ ask: (any UploadLedger & FileUpkeep) async throws(StoreError) -> Answer
    ) async throws(LedgerFault) -> Answer {
        do throws(StoreError) {
            return try await ask(ledger)
        } catch {
            throw LedgerFault(cause: error)
        }
    }
}

// MARK: - Keys

extension ModelFiles {
    static let prefix = "models/"

    /// Where all files of a room lie.
    package static func folder(of room: RoomID) -> String { "\(prefix)\(room)/" }

    static func folder(of model: ModelID, in room: RoomID) -> String { "\(folder(of: room))\(model)/" }

    /// The key of a file: bytes that no key has are written `=XX`; a path that becomes too long is named by its hash.
    static func key(of path: String, of model: ModelID, in room: RoomID) throws(Refusal) -> BlobKey {
        let folder = folder(of: model, in: room)
        if let key = BlobKey(folder + encoded(path)) { return key }
        if let key = BlobKey("\(folder)=hash-\(SHA256.hex(path))") { return key }
        throw .invalid("files: \(ModelFile.pathRule)")
    }

    private static func encoded(_ path: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in path.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x2E, 0x2F: bytes.append(byte)
            default: bytes += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The room and the model that a key is of; nil for a key of another kind.
    static func owner(of key: BlobKey) -> (room: RoomID, model: ModelID)? {
        let segments = key.path.split(separator: "/", maxSplits: 3)
        guard segments.count == 4, segments[0] == "models", let room = RoomID(String(segments[1])),
            let model = ModelID(String(segments[2]))
        else { return nil }
        return (room, model)
    }

    static func digest(of files: [ModelFile]) -> Digest {
        Digest(trusted: SHA256.hex(ModelFile.digestLines(of: files)))
    }
}

// MARK: - Whether a file is there

extension ModelFiles {
    /// What is wrong with a file in the store; nil when it is the one that was announced. Nothing there is wrong too.
    ///
    /// Where the store keeps no digest the file is read back, which takes its time.
    func fault(of file: ModelFile, at key: BlobKey) async throws(StoreError) -> String? {
        guard let found = try await transfers.verification(of: key) else { return "it is not in the store" }
        guard found.size == file.size else { return "it has \(found.size) bytes, not \(file.size)" }
        if let digest = found.sha256 { return digest == file.sha256 ? nil : "its SHA-256 is \(digest)" }
        guard let read = try await transfers.digest(of: key) else { return "it is not in the store" }
        guard read.size == file.size else { return "it has \(read.size) bytes, not \(file.size)" }
        return read.sha256 == file.sha256 ? nil : "its SHA-256 is \(read.sha256)"
    }
}
