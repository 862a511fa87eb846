import RoomCore

/// A job on its way to a worker on another server, with who gives it: that server alone knows for whom its worker is kept
/// at the moment the job arrives.
///
///     0x02 user:42 0x00 {"type":"job_assigned",…}
///
/// It travels as a frame to the worker. The first byte is none that a text of a peer can begin with.
struct JobOrder: Equatable {
    /// As sessions are told apart; see ``Identity/principal``.
    let giver: String
    /// What the worker is sent.
    let frame: [UInt8]

    static let mark: UInt8 = 2

    init(by giver: String, _ frame: [UInt8]) {
        self.giver = giver
        self.frame = frame
    }

    /// Nil for a frame that is meant for the worker itself, and for what this version does not understand.
    init?(_ bytes: [UInt8]) {
        guard bytes.first == Self.mark, let end = bytes.firstIndex(of: 0), end > 1 else { return nil }
        self.init(by: String(decoding: bytes[1..<end], as: UTF8.self), Array(bytes[(end + 1)...]))
    }

    var encoded: [UInt8] { [Self.mark] + Array(giver.utf8) + [0] + frame }
}
