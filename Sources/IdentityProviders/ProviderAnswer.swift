import HTTPFetching
import JSONWire
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
    /// person.
    func answer(to request: FetchRequest) async throws -> ProviderAnswer {
        let response: FetchResponse
        do {
            response = try await fetch(request)
        } catch {
            throw ProviderFault.unavailable
        }
        guard response.status < 500, response.status != 429 else { throw ProviderFault.unavailable }
        let object = (try? JSONValue.parse(response.body, maxDepth: 16))?.objectValue
        return ProviderAnswer(status: response.status, body: object ?? [:])
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
