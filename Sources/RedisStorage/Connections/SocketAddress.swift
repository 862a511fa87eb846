import CLinux
import Dispatch
import Glibc

/// One address a name stands for.
struct SocketAddress: Sendable {
    let family: Int32
    private let storage: [UInt8]

    /// Looks a name up on a thread of its own: the system's lookup blocks. `answer` is called once, on that thread.
    static func lookUp(
        _ endpoint: RedisURL.Endpoint, answer: @escaping @Sendable (Result<[SocketAddress], RedisFault>) -> Void
    ) {
        DispatchQueue.global().async {
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            hints.ai_flags = AI_ADDRCONFIG
            var first: UnsafeMutablePointer<addrinfo>?
            var code = getaddrinfo(endpoint.host, String(endpoint.port), &hints, &first)
            if code == EAI_NONAME {
                // A machine with nothing but loopback has no address "configured".
                hints.ai_flags = 0
                code = getaddrinfo(endpoint.host, String(endpoint.port), &hints, &first)
            }
            guard code == 0 else { return answer(.failure(.noSuchHost(endpoint.host))) }
            defer { freeaddrinfo(first) }
            let all = sequence(first: first, next: { $0?.pointee.ai_next }).prefix { $0 != nil }
            answer(.success(all.compactMap { $0.flatMap { SocketAddress($0.pointee) } }))
        }
    }

    private init?(_ entry: addrinfo) {
        guard let address = entry.ai_addr else { return nil }
        family = entry.ai_family
        storage = Array(UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen)))
    }

    /// Begins to connect; zero or the error, `EINPROGRESS` being the usual one.
    func connect(_ descriptor: Int32) -> Int32 {
        storage.withUnsafeBytes { raw in
            guard let address = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return EINVAL }
            return Glibc.connect(descriptor, address, socklen_t(raw.count)) == 0 ? 0 : errno
        }
    }
}

/// An open socket, closed when the last holder lets go.
final class Descriptor: Sendable {
    let number: Int32

    init?(family: Int32) {
        number = clinux_stream_socket(family)
        guard number >= 0 else { return nil }
        _ = clinux_set_no_delay(number)
    }

    deinit { close(number) }
}

/// What the system calls an error number.
func systemText(_ code: Int32) -> String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }
