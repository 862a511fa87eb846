import HTTPServing
import HTTPWire
import JSONWire

/// What clients of former times ask.
///
/// They say good-bye with `/delete-peer` on every exit, without a credential, and only look whether it is 200. It does
/// nothing: a peer leaves when its socket ends, and nobody deletes anything here without proving who they are.
struct LegacyRoutes: Sendable {
    func add(to router: inout Router) {
        router.on(.post, "/delete-peer") { _ in Self.goodbye }
        router.on(.post, "/delete-peers-and-room") { _ in Self.goodbye }
        router.on(.post, "/anonymous-signin") { _ in
            .error(.gone, "There is no anonymous sign-in any more: log in with sleap-rtc login")
        }
        router.on(.post, "/create-room") { _ in
            .error(.gone, "Rooms are made by POST /api/auth/rooms now: use sleap-rtc room create")
        }
    }

    private static var goodbye: Response {
        .json(raw: JSONValue.object(["status": "nothing deleted: a peer leaves when its connection ends"]).encoded())
    }
}
