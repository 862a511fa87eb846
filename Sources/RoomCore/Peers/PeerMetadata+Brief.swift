import JSONWire

extension PeerMetadata {
    /// Bytes that the brief form takes at most.
    package static let briefBytes = 1024
    private static let briefValueBytes = 160

    /// The same cut to what a crowded frame has room for: tags and small properties, in the order they came, with
    /// those in front by which workers choose among themselves.
    package var brief: PeerMetadata {
        var left = Self.briefBytes - 64
        var tags: [JSONValue] = []
        for tag in object["tags"]?.arrayValue ?? [] where Self.take(0, tag, from: &left) { tags.append(tag) }
        let properties = properties
        var kept: JSONObject = [:]
        for name in Self.weighty {
            guard let value = properties[name], Self.take(name.utf8.count, value, from: &left) else { continue }
            kept[name] = value
        }
        for (name, value) in properties where kept[name] == nil && Self.take(name.utf8.count, value, from: &left) {
            kept[name] = value
        }
        return PeerMetadata(["tags": .array(tags), "properties": .object(kept)])
    }

    private static let weighty = ["status", "worker_name", "gpu_memory_mb", "gpu_model"]

    private static func take(_ nameBytes: Int, _ value: JSONValue, from left: inout Int) -> Bool {
        // A name may double when it is escaped.
        let cost = value.encoded().count + 2 * nameBytes + 4
        guard cost <= briefValueBytes, cost <= left else { return false }
        left -= cost
        return true
    }
}
