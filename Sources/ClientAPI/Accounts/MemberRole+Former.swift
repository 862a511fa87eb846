import RoomCore

extension MemberRole {
    /// What sleap-rtc's programs know it as: they know owners and members.
    var formerName: String {
        switch self {
        case .owner: "owner"
        case .maintainer, .publisher, .worker: "member"
        case .viewer: "viewer"
        }
    }
}
