import HTTPServing
import RoomService

/// Everything under `/api` that is about rooms, members, tokens and keys; under `/api/auth` in the shapes that sleap-rtc's
/// clients know.
///
/// Success is 200 with a JSON object, whatever the method; a fault is `{"detail", "error"}`.
package struct AccountRoutes: Sendable {
    private let access: AccountAccess
    private let invites: Invites
    private let newKeys: NewAccountKeys
    private let directory: RoomDirectory

    package init(_ accounts: Accounts, invites: Invites, newKeys: NewAccountKeys, directory: RoomDirectory) {
        access = AccountAccess(accounts: accounts)
        self.invites = invites
        self.newKeys = newKeys
        self.directory = directory
    }

    package func add(to router: inout Router) {
        RoomRoutes(access: access).add(to: &router)
        MemberRoutes(access: access, invites: invites).add(to: &router)
        AccessRoutes(access: access).add(to: &router)
        WorkerTokenRoutes(access: access).add(to: &router)
        AccountKeyRoutes(access: access, newKeys: newKeys).add(to: &router)
        PublicKeyRoutes(access: access).add(to: &router)
        WorkerListRoutes(access: access, directory: directory).add(to: &router)
        ModelRoutes(accounts: access.accounts, directory: directory).add(to: &router)
        LegacyRoutes().add(to: &router)
    }
}
