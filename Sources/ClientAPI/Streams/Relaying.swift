import HTTPServing
import HTTPWire
import RoomCore
import RoomService
import RoomStorage

/// How refusals of workers' and streams' requests are answered.
enum Relaying {
    static func answering(_ route: () async throws -> Response) async -> Response {
        do {
            return try await route()
        } catch let fault as AccountAccess.BearerFault {
            return fault.response
        } catch let refusal as RelayRefusal {
            return answer(refusal)
        } catch let fault as FieldFault {
            return .error(.unprocessableContent, fault.description)
        } catch let fault as RequestFault {
            return fault.response
        } catch IssuerFault.unavailable {
            return AccountAccess.issuerAway
        } catch is StoreError {
            return .error(.serviceUnavailable, "The record cannot be reached just now; try again")
        } catch {
            return .error(.serviceUnavailable, "The room cannot be read just now; try again")
        }
    }

    private static func answer(_ refusal: RelayRefusal) -> Response {
        switch refusal {
        case .unauthorized:
            .error(.unauthorized, "Invalid authorization header: send Authorization: Bearer <credential that is valid>")
        case .forbidden(let text): .error(.forbidden, text)
        case .notFound(let text): .error(.notFound, text)
        case .conflict(let text): .error(.conflict, text)
        case .invalid(let text): .error(.unprocessableContent, text)
        case .tooLarge(let text): .error(.contentTooLarge, text)
        case .busy(let seconds):
            Response.error(.tooManyRequests, "Too many requests; wait \(seconds) s").with("Retry-After", "\(seconds)")
        case .unavailable(let text): Response.error(.serviceUnavailable, text).with("Retry-After", "1")
        case .full:
            Response.error(.serviceUnavailable, "Too many streams or readers; try again in a moment")
                .with("Retry-After", "1")
        }
    }
}
