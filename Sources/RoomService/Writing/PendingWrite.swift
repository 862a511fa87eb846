import RoomCore
import RoomStorage
import WireMessages

/// A write that waits in the room's mailbox.
struct PendingWrite: Sendable {
    let session: SessionID
    let slot: Int
    let requestID: RequestID
    let request: WriteRequest
    let actor: Actor
    let receipt: ReceiptKey?
    /// Of the message it came in.
    let bytes: Int
}

/// What was decided on a write, before it is durable.
enum Verdict {
    /// With the answer that it and every repeat gets.
    case decided(RegistryReply)
    /// It was answered before, or stands twice in this batch.
    case repeated(RegistryReply)
    case refused(Refusal)
}
