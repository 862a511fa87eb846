/// How much of everything one user or one room may have. Two that are made at one moment may pass a bound by one.
package struct AccountLimits: Sendable {
    /// Rooms that a user owns.
    package var roomsPerUser = 200
    package var membersPerRoom = 1000
    package var workerTokensPerRoom = 1000
    package var accountKeysPerUser = 100
    package var publicKeysPerUser = 100
    package var roomDays = 1...365
    package var tokenDays = 1...3650
    /// Invite codes that a user may try before a pause.
    package var inviteTries = 20
    /// How long that pause is.
    package var invitePauseSeconds: Int64 = 600

    package init() {}
}
