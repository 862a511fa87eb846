import HTTPServing
import HTTPWire
import JSONWire
import RoomService
import RoomStorage

/// `/admin/storage`: what the file store holds beside what rooms say it holds.
package struct StorageRoutes: Sendable {
    private let check: FileCheck
    private let access: AdminAccess

    package init(_ check: FileCheck, access: AdminAccess) {
        self.check = check
        self.access = access
    }

    package func add(to router: inout Router) {
        router.on(.get, "/admin/storage") { await answer($0, .telling) }
        router.on(.post, "/admin/storage/collect") { request in
            await answer(request, request.head.query.first("dry_run") == "1" ? .telling : .mending)
        }
    }

    private func answer(_ request: Request, _ scope: FileCheck.Scope) async -> Response {
        if let refusal = access.refusal(of: request) { return refusal }
        do {
            return .json(raw: try await check.examine(scope).json.encoded())
        } catch let fault as CheckFault {
            return .error(.conflict, "A check of the files is under way: \(fault). Ask again when it is done")
        } catch {
            return .error(.serviceUnavailable, "The record or the file store cannot be read just now; try again")
        }
    }
}
