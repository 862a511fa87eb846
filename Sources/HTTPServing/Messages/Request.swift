import EventLoops
import FoundationEssentials
import HTTPWire
import JSONWire

/// One whole request, as a handler sees it.
package struct Request: Sendable {
    package let head: HTTPRequestHead
    package let body: [UInt8]
    /// What the route's pattern named.
    package internal(set) var parameters: [String: String] = [:]
    package let peer: SocketAddress
    let jsonDepth: Int

    /// The credential of `Authorization: Bearer …` (RFC 6750 section 2.1).
    package var bearer: String? {
        guard let value = head.fields.first("Authorization"), value.count > 7,
            value.prefix(7).lowercased() == "bearer "
        else { return nil }
        return String(value.dropFirst(7))
    }

    /// The body as a JSON object.
    package func json() throws(RequestFault) -> JSONObject {
        do {
            guard let object = try JSONValue.parse(body, maxDepth: jsonDepth).objectValue else {
                throw JSONFault.notAnObject
            }
            return object
        } catch {
            throw .badBody("the body is no JSON object: \(error)")
        }
    }

    /// The body decoded into a type, after it was found to be strict JSON within the depth limit.
    package func decode<T: Decodable>(_ type: T.Type) throws(RequestFault) -> T {
        do {
            try body.withUnsafeBytes { try JSONScanner.validate($0, maxDepth: jsonDepth) }
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw .badBody("the body cannot be read: \(error)")
        }
    }
}

/// What a handler may throw to refuse a request.
package enum RequestFault: Error, Equatable, Sendable {
    case badBody(String)
}
