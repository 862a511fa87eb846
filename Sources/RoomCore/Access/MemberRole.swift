/// What somebody is in a room; each role may do all that the next one may, see ``Permissions``.
package enum MemberRole: String, Sendable, CaseIterable, Comparable {
    case owner, maintainer, publisher, worker, viewer

    private var rank: Int {
        switch self {
        case .owner: 4
        case .maintainer: 3
        case .publisher: 2
        case .worker: 1
        case .viewer: 0
        }
    }

    package static func < (left: MemberRole, right: MemberRole) -> Bool { left.rank < right.rank }
}
