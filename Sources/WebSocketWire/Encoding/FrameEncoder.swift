/// Writes frames (RFC 6455 §5.2); who masks, and with which unpredictable key, is the caller's to say.
package enum FrameEncoder {
    /// How many bytes the header of such a frame takes: between 2 and `FrameHeader.maxEncodedSize`.
    package static func headerSize(forLength length: Int, masked: Bool) -> Int {
        FrameHeader.encodedSize(payloadLength: length, masked: masked)
    }

    /// Writes a header at the start of `buffer` without allocating and says how many bytes it took.
    ///
    /// `buffer` must have room for `headerSize(forLength:masked:)`.
    package static func writeHeader(
        into buffer: UnsafeMutableRawBufferPointer, opcode: Opcode, length: Int, fin: Bool = true,
        reserved: ReservedBits = [], maskKey: UInt32? = nil
    ) -> Int {
        let size = headerSize(forLength: length, masked: maskKey != nil)
        precondition(length >= 0, "A payload length cannot be negative.")
        precondition(buffer.count >= size, "The buffer must have room for the header.")
        precondition(
            !opcode.isControl || fin && length <= FrameHeader.maxControlPayload,
            "A control frame is one frame of at most 125 bytes.")
        buffer[0] = (fin ? 0x80 : 0) | reserved.rawValue | opcode.rawValue
        let maskBit: UInt8 = maskKey == nil ? 0 : 0x80
        switch length {
        case ...125:
            buffer[1] = maskBit | UInt8(truncatingIfNeeded: length)
        case ...0xFFFF:
            buffer[1] = maskBit | 126
            buffer.storeBytes(of: UInt16(length).bigEndian, toByteOffset: 2, as: UInt16.self)
        default:
            buffer[1] = maskBit | 127
            buffer.storeBytes(of: UInt64(length).bigEndian, toByteOffset: 2, as: UInt64.self)
        }
        if let maskKey { buffer.storeBytes(of: maskKey.bigEndian, toByteOffset: size - 4, as: UInt32.self) }
        return size
    }

    /// Appends a header alone: what follows it is the caller's, already masked if `maskKey` says so.
    package static func appendHeader(
        _ opcode: Opcode, length: Int, fin: Bool = true, reserved: ReservedBits = [], maskKey: UInt32? = nil,
        to bytes: inout [UInt8]
    ) {
        withUnsafeTemporaryAllocation(byteCount: FrameHeader.maxEncodedSize, alignment: 8) { header in
            let size = writeHeader(
                into: header, opcode: opcode, length: length, fin: fin, reserved: reserved, maskKey: maskKey)
            bytes.append(contentsOf: header[..<size])
        }
    }

    /// Appends a whole frame, masking the copy and not `payload` itself.
    package static func appendFrame(
        _ opcode: Opcode, payload: UnsafeRawBufferPointer, fin: Bool = true, reserved: ReservedBits = [],
        maskKey: UInt32? = nil, to bytes: inout [UInt8]
    ) {
        appendHeader(
            opcode, length: payload.count, fin: fin, reserved: reserved, maskKey: maskKey, to: &bytes)
        let start = bytes.count
        bytes.append(contentsOf: payload)
        guard let maskKey else { return }
        bytes.withUnsafeMutableBytes {
            Masking.apply(maskKey, to: UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
        }
    }

    /// Appends a whole frame, masking the copy and not `payload` itself.
    package static func appendFrame(
        _ opcode: Opcode, payload: [UInt8], fin: Bool = true, reserved: ReservedBits = [], maskKey: UInt32? = nil,
        to bytes: inout [UInt8]
    ) {
        payload.withUnsafeBytes {
            appendFrame(opcode, payload: $0, fin: fin, reserved: reserved, maskKey: maskKey, to: &bytes)
        }
    }
}
