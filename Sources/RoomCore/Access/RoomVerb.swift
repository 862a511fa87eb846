/// Everything that a room lets some do and others not.
package enum RoomVerb: String, Sendable, CaseIterable {
    case readRoom, publishModel, updateModel, moveAlias, withdrawModel, reportCopy, storeFiles
    case moveProtectedAlias, replaceAnyModel, storeAnyModel, protectModel, changeProtectedModel
    case tellStreams, reserveWorkers, useWorkers, issueWorkerToken, governWorkerTokens
    case invite, removeMembers, changeRoles, changePolicy, renameRoom, deleteRoom

    /// The least role that may; nil where the room's policy says.
    var leastRole: MemberRole? {
        switch self {
        case .readRoom: .viewer
        case .publishModel, .updateModel, .moveAlias, .withdrawModel, .reportCopy, .storeFiles, .tellStreams,
            .reserveWorkers:
            .worker
        case .storeAnyModel, .useWorkers, .issueWorkerToken: .publisher
        case .governWorkerTokens: .maintainer
        case .replaceAnyModel, .protectModel, .changeProtectedModel, .invite, .removeMembers, .changeRoles,
            .changePolicy, .renameRoom, .deleteRoom:
            .owner
        case .moveProtectedAlias: nil
        }
    }
}
