import HTTPFetching
import JSONWire
import Logging
import RoomService

/// What a provider answered: its JSON object, or an empty one. Its tokens are never shown, nor its text unbounded.
struct ProviderAnswer: Sendable {
    let status: Int
    let body: JSONObject

    /// What it complains of (RFC 6749 section 5.2), in one short line.
    var complaint: String {
        let text = body["error_description"]?.stringValue ?? body["error"]?.stringValue ?? "status \(status)"
        return String(
            String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.prefix(200)))
    }
}

extension HTTPFetcher {
    /// Throws ``ProviderFault/unavailable`` when the provider cannot be reached or is not well: that says nothing of the
    /// person. Operators are told the host and the fault, and nothing of what was sent or came back.
    func answer(to request: FetchRequest, logger: Logger) async throws -> ProviderAnswer {
        let response: FetchResponse
        do {
            response = try await fetch(request)
        } catch {
            throw unavailable(request, "\(error)", logger)
        }
        guard response.status < 500, response.status != 429 else {
            throw unavailable(request, "it answered with status \(response.status)", logger)
        }
        let object = (try? JSONValue.parse(response.body, maxDepth: 16))?.objectValue
        return ProviderAnswer(status: response.status, body: object ?? [:])
    }

    private func unavailable(_ request: FetchRequest, _ cause: String, _ logger: Logger) -> ProviderFault {
        let place = request.url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
        logger.warning(
            "a login provider cannot be used just now",
            metadata: ["host": "\(place.prefix { $0 != "?" })", "cause": "\(cause)"])
        return .unavailable
    }
}

extension FetchRequest {
    private static let deadlines = FetchDeadlines(
        connect: .seconds(5), total: .seconds(10), stalled: .seconds(10))

    static func posting(_ form: FormFields, to address: String) -> FetchRequest {
        FetchRequest(
            method: .post, url: address,
            headers: [("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(form.text.utf8), responseLimit: 65_536, deadlines: deadlines)
    }

    static func asking(_ address: String, as token: String) -> FetchRequest {
        FetchRequest(
            url: address, headers: [("Accept", "application/json"), ("Authorization", "Bearer \(token)")],
            responseLimit: 262_144, deadlines: deadlines)
    }
}
