import HTTPServing
import HTTPWire
import JSONWire
import RoomCore
import RoomService
import RoomStorage

/// Finds out who asks, and turns what goes wrong into an answer.
struct AccountAccess: Sendable {
    let accounts: Accounts

    /// Runs a route for the user that the bearer credential proves.
    func answering(
        _ request: Request, _ route: (User, FieldReader) async throws -> JSONObject
    ) async throws -> Response {
        try await Self.answering {
            let secret = try Self.bearer(of: request)
            guard let user = try await accounts.user(bearer: secret) else { return Self.unproved }
            let body = request.body.isEmpty ? [:] : try request.json()
            return .json(raw: JSONValue.object(try await route(user, FieldReader(body))).encoded())
        }
    }

    /// 401 tells a client to drop its credential and a dashboard to log out: it is for credentials that prove nobody,
    /// and for no fault of ours.
    static let unproved = Response.error(.unauthorized, "Invalid or expired token: log in again, or use another key")

    static func answering(_ route: () async throws -> Response) async throws -> Response {
        do {
            return try await route()
        } catch let fault as BearerFault {
            return fault.response
        } catch let fault as Accounts.Fault {
            return response(to: fault)
        } catch let fault as FieldFault {
            return .error(.unprocessableContent, fault.description)
        } catch IssuerFault.unavailable {
            return issuerAway
        } catch is StoreError {
            return .error(.serviceUnavailable, "The stores cannot be reached just now; try again").with(
                "Retry-After", "2")
        }
    }

    /// The issuer of a credential cannot be asked for its keys: nothing is known of the credential.
    static let issuerAway = Response.error(
        .serviceUnavailable, "The issuer of this token cannot be asked for its keys just now; try again"
    ).with("Retry-After", "2")

    private static func response(to fault: Accounts.Fault) -> Response {
        switch fault {
        case .notFound(let text): .error(.notFound, text)
        case .forbidden(let text): .error(.forbidden, text)
        case .invalid(let text): .error(.badRequest, text)
        case .limit(let text): .error(.conflict, text)
        case .tooOften(let text, let seconds):
            .error(.tooManyRequests, text).with("Retry-After", String(seconds))
        }
    }
}

// MARK: - The credential

extension AccountAccess {
    enum BearerFault: Error {
        case missing
        case malformed

        var response: Response {
            switch self {
            case .missing: .error(.unprocessableContent, "The Authorization header is missing: \(Self.remedy)")
            case .malformed: .error(.unauthorized, "Invalid authorization header: \(Self.remedy)")
            }
        }

        private static let remedy = "send Authorization: Bearer <JWT or account key>"
    }

    /// The credential of a request, for every route that needs one.
    static func bearer(of request: Request) throws(BearerFault) -> String {
        if request.head.fields.all("authorization").isEmpty { throw .missing }
        guard let bearer = request.bearer else { throw .malformed }
        return bearer
    }
}

extension Request {
    /// A name in the path; what names nothing is not found.
    func room() throws(Accounts.Fault) -> RoomID {
        guard let room = parameters["room"].flatMap(RoomID.init) else {
            throw .notFound("Room not found or you don't have access")
        }
        return room
    }

    var query: QueryReader { QueryReader(head.query) }
}
