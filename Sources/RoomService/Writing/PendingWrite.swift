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
}

/// What was decided on a write, before it is durable.
enum Verdict {
    case decided(Decision)
    /// It was answered before, or stands twice in this batch.
    case repeated(RegistryReply)
    case refused(Refusal)
}
