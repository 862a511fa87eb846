import CLinux
import Glibc

/// A bound, listening socket; closed when neither the listener nor any of its ports needs it any more.
final class ListeningDescriptor: Sendable {
    let number: Int32
    /// With the port the kernel chose if none was asked for.
    let address: SocketAddress

    private init(_ number: Int32, _ address: SocketAddress) {
        self.number = number
        self.address = address
    }

    deinit { close(number) }

    /// Without SO_REUSEPORT: a second server on the port fails instead of taking half of the connections. With
    /// SO_REUSEADDR: the connections of a server just gone do not hold its port. A `::` address serves IPv4 too.
    static func listen(at wanted: SocketAddress, backlog: Int32) throws(LoopFault) -> ListeningDescriptor {
        let number = clinux_stream_socket(wanted.domain)
        guard number >= 0 else { throw .system(call: "socket", errno: errno) }
        do throws(LoopFault) {
            try begin(number, at: wanted, backlog: backlog)
        } catch {
            close(number)
            throw error
        }
        return ListeningDescriptor(number, SocketAddress.bound(to: number) ?? wanted)
    }

    private static func begin(_ number: Int32, at wanted: SocketAddress, backlog: Int32) throws(LoopFault) {
        _ = clinux_set_flag(number, SOL_SOCKET, SO_REUSEADDR, 1)
        // Accepted sockets inherit this one.
        _ = clinux_set_no_delay(number)
        if wanted.family == .v6 { _ = clinux_set_flag(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        let bound = wanted.withKernelAddress { bind(number, $0, $1) == 0 ? 0 : errno }
        if bound == EADDRINUSE { throw .addressInUse(wanted) }
        if bound != 0 { throw .system(call: "bind", errno: bound) }
        guard Glibc.listen(number, backlog) == 0 else {
            if errno == EADDRINUSE { throw .addressInUse(wanted) }
            throw .system(call: "listen", errno: errno)
        }
    }

    /// Refuses new connections at once and frees the port, though other threads may still hold the descriptor.
    func shut() { shutdown(number, Int32(SHUT_RDWR)) }

    enum Arrival {
        case connection(Int32, SocketAddress)
        /// A connection that broke before it was taken.
        case none
        case empty
        /// No descriptor or memory for it; it waits in the queue.
        case exhausted(Int32)
        case closed
    }

    func accept() -> Arrival {
        withUnsafeTemporaryAllocation(byteCount: SocketAddress.storageLength, alignment: 8) { raw in
            var length = socklen_t(raw.count)
            let taken = clinux_accept(number, raw.baseAddress, &length)
            guard taken < 0 else {
                guard let peer = SocketAddress(UnsafeRawBufferPointer(raw)) else {
                    close(taken)
                    return .none
                }
                return .connection(taken, peer)
            }
            switch errno {
            case EAGAIN: return .empty
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(errno)
            case EBADF, EINVAL: return .closed
            default: return .none
            }
        }
    }
}
