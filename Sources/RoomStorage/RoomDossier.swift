import RoomCore

/// A room without its models: its own row, who belongs to it as what and by which policy, which tokens open it (their
/// hashes), and where it stands.
package struct RoomDossier: Sendable, Equatable {
    package let record: RoomRecord
    /// By their own roles, oldest first.
    package let members: [Membership]
    package let policy: RoomPolicy
    package let groupRoles: [GroupRole]
    package let workerTokens: [WorkerToken]
    /// Rises with every change of the above, and with a new epoch.
    package let version: Int
    package let head: RoomHead

    package init(
        record: RoomRecord, members: [Membership], policy: RoomPolicy = RoomPolicy(), groupRoles: [GroupRole] = [],
        workerTokens: [WorkerToken], version: Int, head: RoomHead
    ) {
        self.record = record
        self.members = members
        self.policy = policy
        self.groupRoles = groupRoles
        self.workerTokens = workerTokens
        self.version = version
        self.head = head
    }
}

/// A room to be put into a record: its history begins at the snapshot, or at zero, and goes on with the changes.
///
/// The dossier's head says epoch, floor and newest revision; the record's number of the dossier goes on from its own.
package struct RestoredRoom: Sendable {
    package let dossier: RoomDossier
    package let snapshot: StoredSnapshot?
    package let changes: [StoredChange]

    package init(dossier: RoomDossier, snapshot: StoredSnapshot?, changes: [StoredChange]) {
        let head = dossier.head
        precondition(head.floor == snapshot?.revision ?? .zero, "a history begins at its snapshot")
        precondition(snapshot.map { $0.epoch == head.epoch } ?? true, "a snapshot is of its room's epoch")
        for (offset, change) in changes.enumerated() {
            precondition(change.revision.number == head.floor.number + 1 + offset, "changes follow the snapshot")
        }
        precondition(head.revision.number == head.floor.number + changes.count, "the newest change is the head")
        self.dossier = dossier
        self.snapshot = snapshot
        self.changes = changes
    }
}

/// Everyone with an account, the hashes of their keys, and the public keys of their devices.
package struct People: Sendable, Equatable {
    package let version: Int
    /// By id.
    package let users: [User]
    /// By hash.
    package let accountKeys: [AccountKey]
    /// By id.
    package let publicKeys: [PublicKey]

    package init(version: Int, users: [User], accountKeys: [AccountKey], publicKeys: [PublicKey] = []) {
        self.version = version
        self.users = users
        self.accountKeys = accountKeys
        self.publicKeys = publicKeys
    }
}
