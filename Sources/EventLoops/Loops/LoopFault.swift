/// What can go wrong before a loop or a socket runs; afterwards a socket tells its handler through ``SocketEnd``.
package enum LoopFault: Error, Equatable {
    /// Another socket already listens there.
    case addressInUse(SocketAddress)
    /// The text is no `host:port`, or longer than ``SocketAddress/maximumTextLength``.
    case invalidAddress(String)
    /// The host has no address.
    case unresolvedAddress(String)
    /// The loop has been stopped and takes no more sockets.
    case stopped
    /// The kernel refused the named call.
    case system(call: String, errno: Int32)
}
