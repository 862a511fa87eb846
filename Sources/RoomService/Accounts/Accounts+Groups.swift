import RoomCore
import RoomStorage

extension MemberStore {
    /// Takes down what an issuer tells of a user's groups, if it is news or the last word grows old.
    func learn(_ names: Set<GroupName>, of user: UserID, at now: Timestamp) async throws(StoreError) {
        let known = try await groups(of: user)
        let isNews = known?.names ?? [] != names
        let isOld = known.map { now >= $0.toldAt.advanced(bySeconds: UserGroups.renewalSeconds) } ?? false
        guard isNews || isOld else { return }
        try await note(UserGroups(names: names, toldAt: now), of: user)
    }
}

extension UserGroups {
    /// How often the same word is taken down again.
    static let renewalSeconds: Int64 = 3600
}
