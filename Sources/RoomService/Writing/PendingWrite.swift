import RoomCore
import RoomStorage
import WireMessages

/// A write that waits in the room's mailbox.
struct PendingWrite: Sendable {
    /// Whose reply it is.
    enum Asker: Sendable {
        case peer(SessionID, slot: Int, RequestID)
        /// The server itself, once what it awaited elsewhere is known.
        case server(@Sendable (Result<RegistryReply, Refusal>) -> Void)
    }

    let asker: Asker
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
