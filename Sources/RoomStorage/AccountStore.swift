import RoomCore

/// Users, rooms and the credentials that open rooms; who belongs to rooms is in ``MemberStore``.
///
/// Duties: every write is durable when it returns; reads see writes of other processes on the same record; secrets are
/// known here by their SHA-256 alone; creating what already exists changes nothing and is no error. Adding something to
/// a room that is gone changes nothing and is no error either, as if the room had been deleted right afterwards. What
/// has expired is kept and shown: whoever asks knows the time. Lists are oldest first, then by the byte order of ids.
package protocol AccountStore: MemberStore {
    /// The user of this name, or else of this id, made with `candidate` when there is neither. Names are unique.
    ///
    /// It answers by name: where names can change hands, look the id up with ``user(_:)`` first, and do not take the
    /// answer for the candidate unless the ids agree.
    func ensureUser(_ candidate: User) async throws(StoreError) -> User
    func user(_ id: UserID) async throws(StoreError) -> User?

    /// Makes a room with its owner, in one commit. Nothing happens when the id exists.
    func createRoom(_ room: RoomRecord, epoch: Epoch) async throws(StoreError)
    func room(_ id: RoomID) async throws(StoreError) -> RoomRecord?
    /// Rooms of this name, oldest first; names are not unique.
    func rooms(named name: String) async throws(StoreError) -> [RoomRecord]
    func rooms(of user: UserID) async throws(StoreError) -> [(room: RoomRecord, membership: Membership)]
    /// Ids of all rooms after one, in byte order.
    func roomIDs(after id: RoomID?, limit: Int) async throws(StoreError) -> [RoomID]
    /// Gives a room another name; false when there is no such room.
    func renameRoom(_ id: RoomID, to name: String) async throws(StoreError) -> Bool
    /// Puts the end of a room off to a moment, never forward; what stands afterwards. One without an end keeps none.
    func extendRoom(_ id: RoomID, to moment: Timestamp) async throws(StoreError) -> RoomRecord?
    /// Removes a room with its members, tokens, changes, snapshots, receipts and sightings, in one commit.
    func deleteRoom(_ id: RoomID) async throws(StoreError)

    func createWorkerToken(_ token: WorkerToken) async throws(StoreError)
    func workerToken(_ hash: SecretHash) async throws(StoreError) -> WorkerToken?
    func workerTokens(createdBy user: UserID) async throws(StoreError) -> [WorkerToken]
    func workerTokens(in room: RoomID) async throws(StoreError) -> [WorkerToken]
    /// Sets the moment of revocation once; true when the token exists.
    func revokeWorkerToken(_ hash: SecretHash, at moment: Timestamp) async throws(StoreError) -> Bool
    func deleteWorkerToken(_ hash: SecretHash) async throws(StoreError) -> Bool

    func createAccountKey(_ key: AccountKey) async throws(StoreError)
    func accountKey(_ hash: SecretHash) async throws(StoreError) -> AccountKey?
    func accountKeys(of user: UserID) async throws(StoreError) -> [AccountKey]
    func revokeAccountKey(_ hash: SecretHash, at moment: Timestamp) async throws(StoreError) -> Bool
    func deleteAccountKey(_ hash: SecretHash) async throws(StoreError) -> Bool

    /// Registers a key, once for its user: the one that stands when the user registered the same before.
    func registerPublicKey(_ key: PublicKey) async throws(StoreError) -> PublicKey
    func publicKeys(of user: UserID) async throws(StoreError) -> [PublicKey]
    /// The keys of all members of a room.
    func publicKeys(in room: RoomID) async throws(StoreError) -> [PublicKey]
    /// True when the user had such a key.
    func removePublicKey(_ id: PublicKeyID, of user: UserID) async throws(StoreError) -> Bool
}

package struct User: Sendable, Equatable {
    package let id: UserID
    package let username: String
    package let createdAt: Timestamp

    package init(id: UserID, username: String, createdAt: Timestamp) {
        self.id = id
        self.username = username
        self.createdAt = createdAt
    }
}

package struct RoomRecord: Sendable, Equatable {
    package let id: RoomID
    package let name: String
    package let createdBy: UserID
    package let createdAt: Timestamp
    package let expiresAt: Timestamp?

    package init(id: RoomID, name: String, createdBy: UserID, createdAt: Timestamp, expiresAt: Timestamp?) {
        self.id = id
        self.name = name
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// The SHA-256 of a secret. Our secrets carry 192 random bits or more, so a plain hash cannot be searched backwards.
package typealias SecretHash = Digest

/// `slp_…`: lets one worker into one room.
package struct WorkerToken: Sendable, Equatable {
    package let hash: SecretHash
    package let room: RoomID
    package let worker: WorkerName
    package let createdBy: UserID
    package let createdAt: Timestamp
    package let expiresAt: Timestamp?
    package let revokedAt: Timestamp?

    package init(
        hash: SecretHash, room: RoomID, worker: WorkerName, createdBy: UserID, createdAt: Timestamp,
        expiresAt: Timestamp?, revokedAt: Timestamp?
    ) {
        self.hash = hash
        self.room = room
        self.worker = worker
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}

/// `slp_acct_…`: stands for its user in every room the user is a member of.
package struct AccountKey: Sendable, Equatable {
    package let hash: SecretHash
    package let user: UserID
    package let name: String
    package let createdAt: Timestamp
    package let expiresAt: Timestamp?
    package let revokedAt: Timestamp?

    package init(
        hash: SecretHash, user: UserID, name: String, createdAt: Timestamp, expiresAt: Timestamp?,
        revokedAt: Timestamp?
    ) {
        self.hash = hash
        self.user = user
        self.name = name
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}
