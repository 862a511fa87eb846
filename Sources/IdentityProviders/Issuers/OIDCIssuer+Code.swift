import Cryptography
import HTTPFetching
import JSONWire
import RoomService

/// The authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0 section 3.1, RFC 7636).
extension OIDCIssuer: CodeProvider {
    var title: String {
        let rest = settings.issuer.split(separator: "/", omittingEmptySubsequences: true).dropFirst()
        return rest.joined(separator: "/")
    }

    func address(for journey: LoginJourney) async throws -> String {
        guard let endpoints = await documents.endpoints.copy()?.document,
            let door = endpoints.authorization, endpoints.token != nil
        else { throw ProviderFault.unavailable }
        let form = FormFields([
            ("response_type", "code"), ("client_id", settings.audience), ("redirect_uri", journey.returnAddress),
            ("scope", "openid profile email"), ("state", journey.state), ("nonce", journey.nonce),
            ("code_challenge", Base64URL.encode(SHA256.digest(Array(journey.verifier.utf8)))),
            ("code_challenge_method", "S256"),
        ])
        return door + (door.contains("?") ? "&" : "?") + form.text
    }

    func identity(for code: String, on journey: LoginJourney?) async throws -> OutsideIdentity {
        guard let journey else { throw ProviderFault.refused("This login began nowhere") }
        guard let door = await documents.endpoints.copy()?.document.token else { throw ProviderFault.unavailable }
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", journey.returnAddress),
            ("client_id", settings.audience), ("code_verifier", journey.verifier),
        ]
        if let secret = settings.clientSecret { fields.append(("client_secret", secret)) }
        let answer = try await fetcher.answer(to: .posting(FormFields(fields), to: door), logger: logger)
        guard let token = answer.body["id_token"]?.stringValue else {
            throw ProviderFault.refused("\(title) gave no ID token: \(answer.complaint)")
        }
        do {
            let claims = try await claims(of: token, at: clock())
            guard let nonce = claims.other["nonce"]?.stringValue, constantTimeEquals(nonce, journey.nonce) else {
                throw ProviderFault.refused("The ID token of \(title) is of another login")
            }
            return try identity(of: claims)
        } catch IssuerFault.refused(let fault) {
            throw ProviderFault.refused("The ID token of \(title) is not good: \(fault)")
        } catch IssuerFault.unavailable {
            throw ProviderFault.unavailable
        }
    }
}
