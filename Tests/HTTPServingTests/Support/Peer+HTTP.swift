/// A response as it came over the wire.
struct Reply: Equatable {
    var status: Int
    var head: String
    var body: String

    func field(_ name: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].lowercased() == name.lowercased() {
                return String(parts[1].drop { $0 == " " })
            }
        }
        return nil
    }
}

extension Peer {
    /// The next response; its body by Content-Length or chunks, or none if the request says so.
    func reply(hasBody: Bool = true) async -> Reply {
        let head = String(decoding: await receive { Self.endOfHead($0) }, as: UTF8.self)
        var reply = Reply(status: Int(head.dropFirst(9).prefix(3)) ?? 0, head: head, body: "")
        guard hasBody else { return reply }
        if let length = reply.field("content-length").flatMap({ Int($0) }) {
            reply.body = String(decoding: await receive(length), as: UTF8.self)
        } else if reply.field("transfer-encoding") == "chunked" {
            reply.body = await chunks()
        }
        return reply
    }

    private func chunks() async -> String {
        var body = ""
        while true {
            let line = await receive { Self.endOf("\r\n", in: $0) }.dropLast(2)
            guard let size = Int(String(decoding: line, as: UTF8.self), radix: 16) else { return body + "?" }
            body += String(decoding: await receive(size + 2).dropLast(2), as: UTF8.self)
            if size == 0 { return body }
        }
    }

    static func endOfHead(_ bytes: [UInt8]) -> Int? { endOf("\r\n\r\n", in: bytes) }

    static func endOf(_ mark: String, in bytes: [UInt8]) -> Int? {
        let mark = Array(mark.utf8)
        guard bytes.count >= mark.count else { return nil }
        let start = (0...(bytes.count - mark.count)).first { bytes[$0..<$0 + mark.count].elementsEqual(mark) }
        return start.map { $0 + mark.count }
    }
}
