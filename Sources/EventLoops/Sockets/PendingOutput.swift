import CLinux
import Glibc

/// A run of bytes waiting to be sent; a shared one lies in other sockets' outputs too and is never changed.
struct OutputPiece: Sendable {
    var bytes: [UInt8]
    let isShared: Bool

    mutating func join(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: first.bindMemory(to: UInt8.self))
        bytes.append(contentsOf: second.bindMemory(to: UInt8.self))
    }
}

/// The bytes one socket still has to send, as pieces in order. Sockets with nothing to send have none: the loop keeps
/// a stock of them, with their storage, so that answering a message allocates nothing.
///
/// ```
/// pieces   ▒▒▒▒sent▒▒▒▒ | ▒▒headOffset▒▒█████ | █████shared█████ | ██████tail: small writes join here
///          0 ..< head     head
/// ```
final class PendingOutput {
    /// How many pieces one `sendmsg` takes along.
    static let piecesPerCall = 32
    /// Small writes are joined up to this many bytes a piece.
    static let joinedLength = 16 * 1024
    private static let firstCapacity = 2048 - 32

    // Nothing here calls out while it changes these; the runtime's checks for that took a tenth of a small message.
    @exclusivity(unchecked) private(set) var byteCount = 0
    @exclusivity(unchecked) private var pieces: ContiguousArray<OutputPiece> = []
    private var head = 0
    private var headOffset = 0
    private var spare: [UInt8] = []

    func append(_ bytes: UnsafeRawBufferPointer) { append(bytes, UnsafeRawBufferPointer(start: nil, count: 0)) }

    /// Appends two runs of bytes as one.
    func append(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) {
        let count = first.count + second.count
        byteCount += count
        let tail = pieces.count - 1
        if tail >= head, !pieces[tail].isShared, pieces[tail].bytes.count + count <= Self.joinedLength {
            pieces[tail].join(first, second)
            return
        }
        var piece = OutputPiece(bytes: [], isShared: false)
        swap(&piece.bytes, &spare)
        piece.bytes.reserveCapacity(max(count, Self.firstCapacity))
        piece.join(first, second)
        pieces.append(piece)
    }

    func append(shared bytes: [UInt8]) {
        byteCount += bytes.count
        pieces.append(OutputPiece(bytes: bytes, isShared: true))
    }

    func append(_ others: [OutputPiece]) {
        for piece in others { byteCount += piece.bytes.count }
        pieces.append(contentsOf: others)
    }

    /// Everything unsent, leaving nothing behind.
    func takePieces() -> [OutputPiece] {
        var taken = Array(pieces[head...])
        if headOffset > 0 { taken[0] = OutputPiece(bytes: Array(taken[0].bytes[headOffset...]), isShared: false) }
        clear()
        return taken
    }

    func clear() {
        byteCount = 0
        pieces.removeAll(keepingCapacity: pieces.count <= 64)
        (head, headOffset) = (0, 0)
    }

    /// One system call's worth: what was offered to the kernel, and what it took or −1 with `errno` set.
    func send(to descriptor: Int32, _ iovecs: UnsafeMutablePointer<iovec>) -> (offered: Int, taken: Int) {
        if pieces.count - head > 1 { return gather(head, 0, 0, descriptor, iovecs) }
        return pieces[head].bytes.withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[headOffset...])
            return (rest.count, clinux_send(descriptor, rest.baseAddress, rest.count))
        }
    }

    /// Opens one piece after the other, each inside the one before, so that all addresses hold during the call.
    private func gather(
        _ index: Int, _ filled: Int, _ offered: Int, _ descriptor: Int32, _ iovecs: UnsafeMutablePointer<iovec>
    ) -> (offered: Int, taken: Int) {
        if index == pieces.count || filled == Self.piecesPerCall {
            return (offered, clinux_send_pieces(descriptor, iovecs, filled))
        }
        return pieces[index].bytes.withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[(index == head ? headOffset : 0)...])
            iovecs[filled] = iovec(iov_base: UnsafeMutableRawPointer(mutating: rest.baseAddress), iov_len: rest.count)
            return gather(index + 1, filled + 1, offered + rest.count, descriptor, iovecs)
        }
    }

    /// Forgets `count` bytes that were sent.
    func advance(_ count: Int) {
        byteCount -= count
        var left = count
        while left > 0 {
            let length = pieces[head].bytes.count - headOffset
            if left < length {
                headOffset += left
                break
            }
            left -= length
            dropHead()
        }
        if head == pieces.count {
            pieces.removeAll(keepingCapacity: pieces.count <= 64)
            head = 0
        } else if head > 64, head > pieces.count / 2 {
            pieces.removeSubrange(..<head)
            head = 0
        }
    }

    private func dropHead() {
        var bytes: [UInt8] = []
        swap(&bytes, &pieces[head].bytes)
        if !pieces[head].isShared, spare.capacity == 0, bytes.capacity <= 2 * Self.joinedLength {
            bytes.removeAll(keepingCapacity: true)
            spare = bytes
        }
        head += 1
        headOffset = 0
    }
}
