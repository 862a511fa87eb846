/// Which master of a cluster keeps which of the 16,384 slots.
struct SlotMap {
    private(set) var owners = [RedisEndpoint?](repeating: nil, count: 16_384)

    var masters: Set<RedisEndpoint> { Set(owners.compactMap(\.self)) }

    init() {}

    /// Reads `CLUSTER SLOTS`: ranges with their master first ([redis.io/commands/cluster-slots]). A node that does not
    /// know its own address yet leaves it out: then it is the one that was asked.
    init?(_ reply: RedisValue, from asked: RedisEndpoint) {
        guard let ranges = reply.array, !ranges.isEmpty else { return nil }
        for range in ranges {
            guard let parts = range.array, parts.count >= 3, let first = parts[0].integer, let last = parts[1].integer,
                0 <= first, first <= last, last < owners.count, let node = parts[2].array, node.count >= 2,
                let port = node[1].integer, (1...65_535).contains(port)
            else { return nil }
            let host = node[0].text.flatMap { $0.isEmpty || $0 == "?" ? nil : $0 } ?? asked.host
            for slot in first...last { owners[slot] = RedisEndpoint(host: host, port: port) }
        }
    }

    mutating func move(_ slot: Int, to endpoint: RedisEndpoint) {
        if owners.indices.contains(slot) { owners[slot] = endpoint }
    }

    func owner(of key: String) -> RedisEndpoint? { owners[Self.slot(of: key)] }

    /// CRC-16/XMODEM of the key, or of what stands in its first braces when that is not empty (Redis Cluster
    /// specification, "Hash tags").
    static func slot(of key: String) -> Int {
        let bytes = Array(key.utf8)
        var hashed = bytes[...]
        if let open = bytes.firstIndex(of: UInt8(ascii: "{")),
            let close = bytes[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        {
            hashed = bytes[(open + 1)..<close]
        }
        var crc: UInt16 = 0
        for byte in hashed {
            crc ^= UInt16(byte) << 8
            for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
        }
        return Int(crc % 16_384)
    }
}

/// `MOVED 3999 127.0.0.1:6381` or `ASK …`: where a key is instead.
struct Redirection: Equatable {
    let isLasting: Bool
    let slot: Int
    let endpoint: RedisEndpoint

    init?(_ error: String, from asked: RedisEndpoint) {
        let words = error.split(separator: " ")
        guard words.count >= 3, words[0] == "MOVED" || words[0] == "ASK", let slot = Int(words[1]),
            let colon = words[2].lastIndex(of: ":"), let port = Int(words[2][words[2].index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        isLasting = words[0] == "MOVED"
        self.slot = slot
        let host = words[2][..<colon]
        endpoint = RedisEndpoint(host: host.isEmpty ? asked.host : String(host), port: port)
    }
}
