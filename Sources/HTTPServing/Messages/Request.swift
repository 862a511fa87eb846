import EventLoops
import HTTPWire
import JSONWire

/// One request as its handler sees it: whole, with the body's framing taken off.
package struct Request: Sendable {
    package let head: HTTPRequestHead
    package let body: [UInt8]
    /// The segments the route's pattern names, decoded; a trailing `*rest` with its slashes.
    package let parameters: [String: String]
    package let peer: SocketAddress
    let jsonDepth: Int

    package init(
        head: HTTPRequestHead, body: [UInt8] = [], parameters: [String: String] = [:], peer: SocketAddress,
        jsonDepth: Int = ServingLimits().jsonDepth
    ) {
        self.head = head
        self.body = body
        self.parameters = parameters
        self.peer = peer
        self.jsonDepth = jsonDepth
    }

    /// The token of `Authorization: Bearer …` (RFC 6750, section 2.1), if that field stands there once.
    package var bearer: String? {
        let lines = head.fields.all("authorization")
        guard let line = lines.first, lines.count == 1 else { return nil }
        let scheme = line.utf8.prefix { $0 != UInt8(ascii: " ") }
        guard scheme.count == 6, scheme.elementsEqual("bearer".utf8, by: { $0 | 0x20 == $1 }) else { return nil }
        let token = line.utf8.dropFirst(6).drop { $0 == UInt8(ascii: " ") }
        return token.isEmpty ? nil : String(Substring(token))
    }
}
