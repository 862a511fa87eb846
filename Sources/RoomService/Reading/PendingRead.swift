import WireMessages

/// A read that has its place in the order of replies.
enum PendingRead {
    case query(RegistryQuery, RequestID)
    case subscribe(Subscription, RequestID)
    case unsubscribe(RequestID)
    case files(FilesRequest, RequestID)
}
