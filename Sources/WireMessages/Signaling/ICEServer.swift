import JSONWire

/// A STUN or TURN server as peers are told of it.
///
/// Clients hand an entry whole to their WebRTC library, which takes no other keys than these.
package struct ICEServer: Sendable, Equatable {
    package let urls: [String]
    package let username: String?
    package let credential: String?

    package init(urls: [String], username: String? = nil, credential: String? = nil) {
        self.urls = urls
        self.username = username
        self.credential = credential
    }

    package var json: JSONValue {
        var object: JSONObject = ["urls": .strings(urls)]
        if let username { object["username"] = .string(username) }
        if let credential { object["credential"] = .string(credential) }
        return .object(object)
    }
}

/// What one peer is told: servers for its clients, and those for the mesh of workers, who reach each other without TURN.
package struct ICEOffer: Sendable, Equatable {
    package let servers: [ICEServer]
    package let mesh: [ICEServer]

    package init(servers: [ICEServer] = [], mesh: [ICEServer] = []) {
        self.servers = servers
        self.mesh = mesh
    }
}
