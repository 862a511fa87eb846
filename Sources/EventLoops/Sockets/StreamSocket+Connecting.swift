import CLinux
import Glibc

extension StreamSocket {
    /// Begins to connect; `handler` hears `opened` or, within `timeout`, why not through `ended`. What is written
    /// before is sent then. Loop's thread only.
    package static func connect(
        to address: SocketAddress, on loop: EventLoop, handler: any StreamSocketHandler,
        timeout: Duration = .seconds(10)
    ) throws(LoopFault) -> StreamSocket {
        let descriptor = clinux_stream_socket(address.domain)
        guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
        _ = clinux_set_no_delay(descriptor)
        // Before it is watched: epoll reports an unconnected socket as hung up.
        let begun = address.withKernelAddress { Glibc.connect(descriptor, $0, $1) == 0 ? 0 : errno }
        do throws(LoopFault) {
            let socket = try StreamSocket(descriptor, peer: address, on: loop, state: .connecting, handler: handler)
            if begun != 0, begun != EINPROGRESS, begun != EINTR {
                socket.finish(.error(begun))
            } else {
                socket.deadline = loop.schedule(after: timeout) { socket.connectingTimedOut() }
            }
            return socket
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// True once the connection stands; the same event may bring bytes.
    func finishConnecting(_ events: UInt32) -> Bool {
        let code = clinux_take_error(descriptor)
        guard code == 0, events & (clinux_error | clinux_writable) == clinux_writable else {
            if events & (clinux_error | clinux_hangup) != 0 { finish(code == 0 ? .reset : .error(code)) }
            return false
        }
        state = .open
        deadline?.cancel()
        deadline = nil
        if pending != nil { flushLater() }
        handler?.opened(self)
        return descriptor >= 0
    }

    private func connectingTimedOut() {
        deadline = nil
        finish(.timedOut)
    }
}
