import JSONWire
import RoomCore
import RoomStorage
import WireMessages

/// What every server must do at once: close the sockets of a selection, or let go of a deleted room.
///
///     {"close":"user"|"worker_token"|"account_key","name":…,"room":…?}   {"close":"room","room":…}
struct ClosingOrder: Equatable {
    enum Subject: Equatable {
        case user(UserID)
        case workerToken(SecretHash)
        case accountKey(SecretHash)
        case room
    }

    let subject: Subject
    let room: RoomID?

    /// Nil for what concerns one server alone.
    init?(_ selection: SessionSelection, in room: RoomID?) {
        switch selection {
        case .user(let user): subject = .user(user)
        case .proof(.workerToken(let hash)): subject = .workerToken(hash)
        case .proof(.accountKey(let hash)): subject = .accountKey(hash)
        case .proof(.jwt), .everyone, .session, .expired: return nil
        }
        self.room = room
    }

    init(deleting room: RoomID) {
        subject = .room
        self.room = room
    }

    /// Nil for what this version does not understand.
    init?(_ bytes: [UInt8]) {
        guard let object = try? JSONValue.parse(bytes, maxDepth: 2).objectValue,
            let subject = Subject(object["close"]?.stringValue, name: object["name"]?.stringValue ?? "")
        else { return nil }
        self.subject = subject
        room = object["room"]?.stringValue.flatMap(RoomID.init)
        guard subject != .room || room != nil else { return nil }
    }

    var encoded: [UInt8] {
        var object: JSONObject = [:]
        switch subject {
        case .user(let user):
            object["close"] = "user"
            object["name"] = .string(user.text)
        case .workerToken(let hash):
            object["close"] = "worker_token"
            object["name"] = .string(hash.text)
        case .accountKey(let hash):
            object["close"] = "account_key"
            object["name"] = .string(hash.text)
        case .room:
            object["close"] = "room"
        }
        if let room { object["room"] = .string(room.text) }
        return JSONValue.object(object).encoded()
    }

    /// The sockets it is about; nil when the whole room goes.
    var selection: SessionSelection? {
        switch subject {
        case .user(let user): .user(user)
        case .workerToken(let hash): .proof(.workerToken(hash))
        case .accountKey(let hash): .proof(.accountKey(hash))
        case .room: nil
        }
    }
}

extension ClosingOrder.Subject {
    fileprivate init?(_ kind: String?, name: String) {
        let subject: Self? =
            switch kind {
            case "user": UserID(name).map(Self.user)
            case "worker_token": SecretHash(name).map(Self.workerToken)
            case "account_key": SecretHash(name).map(Self.accountKey)
            case "room": .room
            default: nil
            }
        guard let subject else { return nil }
        self = subject
    }
}
