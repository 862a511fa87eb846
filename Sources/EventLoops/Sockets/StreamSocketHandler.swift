/// What hears of one socket. All calls come on the socket's loop, none from inside a method of the socket.
package protocol StreamSocketHandler: AnyObject {
    /// A connection asked for with `connect` stands. Accepted sockets do not call it.
    func opened(_ socket: StreamSocket)
    /// Bytes arrived. They lie in the loop's one read buffer, may be changed in place (unmasking) and are gone when
    /// this returns: take all of them. Writing, pausing, closing and detaching in here are fine.
    func received(_ bytes: UnsafeMutableRawBufferPointer, from socket: StreamSocket)
    /// The pending output has fallen to ``StreamSocket/lowWater`` or below after it had been above.
    func drained(_ socket: StreamSocket)
    /// The socket is closed; the last call, made exactly once unless the socket was detached.
    func ended(_ socket: StreamSocket, _ end: SocketEnd)
}

extension StreamSocketHandler {
    package func opened(_ socket: StreamSocket) {}
    package func drained(_ socket: StreamSocket) {}
}
