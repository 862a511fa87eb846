/// The three bits an extension may give a meaning to, at their place in a frame's first byte (RFC 6455 §5.2).
package struct ReservedBits: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue & 0x70
    }

    /// RSV1; permessage-deflate marks the first frame of a compressed message with it (RFC 7692 §6).
    package static let rsv1 = ReservedBits(rawValue: 0x40)
    package static let rsv2 = ReservedBits(rawValue: 0x20)
    package static let rsv3 = ReservedBits(rawValue: 0x10)
}
