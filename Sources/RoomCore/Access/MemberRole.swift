/// What a member may do in a room; each role may do all that the next one may.
package enum MemberRole: String, Sendable, CaseIterable, Comparable {
    case owner, member, viewer

    private var rank: Int {
        switch self {
        case .owner: 2
        case .member: 1
        case .viewer: 0
        }
    }

    package static func < (left: MemberRole, right: MemberRole) -> Bool { left.rank < right.rank }
}
