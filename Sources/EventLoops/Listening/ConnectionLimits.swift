/// How many connections a listener lets live at once.
package struct ConnectionLimits: Sendable, Equatable {
    package var total: Int
    /// For each IPv4 address or IPv6 /64 (``SocketAddress/host``).
    package var perAddress: Int

    package init(total: Int, perAddress: Int) {
        self.total = total
        self.perAddress = perAddress
    }
}

/// What a listener has to say to whoever runs it; on one of the loops' threads.
package enum ListenerNotice: Sendable, Equatable {
    package enum Refusal: Sendable, Equatable {
        case tooMany
        case tooManyFromAddress
    }

    /// Out of descriptors or memory: connections wait in the kernel's queue. Said once until resumed.
    case acceptingPaused(errno: Int32)
    case acceptingResumed
    /// A connection was over a limit and closed at once.
    case refused(SocketAddress, Refusal)
}
