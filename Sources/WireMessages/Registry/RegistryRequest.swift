import JSONWire
import RoomCore

/// One request of the registry protocol, decoded.
package enum RegistryRequest: Sendable {
    case write(WriteRequest, IdempotencyKey?)
    case query(RegistryQuery)
    case subscribe(Subscription)
    case unsubscribe
    case files(FilesRequest)
}

package enum RegistryQuery: Sendable {
    case listModels(ListQuery)
    case modelInfo(String, at: PointInTime?)
    case modelExists(String)
    case compare([String])
    case history(HistoryQuery)
    case manifest(at: PointInTime?)

    package var command: String {
        switch self {
        case .listModels: "list_models"
        case .modelInfo: "get_model_info"
        case .modelExists: "check_model_exists"
        case .compare: "compare_models"
        case .history: "history"
        case .manifest: "manifest"
        }
    }

    /// Whether the answer lies in the past and must be read from the record.
    package var needsRecord: Bool {
        switch self {
        case .listModels, .modelExists, .compare: false
        case .history: true
        case .modelInfo(_, let point), .manifest(let point): point != nil
        }
    }
}

package enum PointInTime: Sendable, Equatable {
    case revision(Revision)
    case moment(Timestamp)
}

package struct HistoryQuery: Sendable {
    package enum Subject: Sendable, Equatable {
        case room
        /// An id or alias, as it resolves now.
        case model(String)
        case alias(Alias)
    }

    package var subject = Subject.room
    package var after = Revision.zero
    package var limit = 100

    package init() {}
}

package struct Subscription: Sendable {
    package struct Position: Sendable, Equatable {
        package let epoch: Epoch
        package let revision: Revision
    }

    package var since: Position?
    package var filter = ModelFilter()
    package var presence = false
}
