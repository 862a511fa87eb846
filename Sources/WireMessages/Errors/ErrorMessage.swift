import JSONWire
import RoomCore

/// An `error` message. Registry replies, signaling replies and failed registrations share one shape:
/// `code`, `message` and `reason` (the same text twice, since some clients read one and some the other; only where
/// clients compare the reason with a word of its own, it is that word).
package struct ErrorMessage: Sendable, Equatable {
    package let code: String
    package let message: String
    package let reason: String
    package let retryable: Bool
    package let extra: JSONObject

    package init(
        code: String, message: String, reason: String? = nil, retryable: Bool = false, extra: JSONObject = [:]
    ) {
        self.code = code
        self.message = message
        self.reason = reason ?? message
        self.retryable = retryable
        self.extra = extra
    }

    package func encoded(requestID: RequestID?) -> [UInt8] { encoded(as: "error", requestID) }

    /// The same said so that nobody takes it for their end: workers leave at the sight of any `error`.
    package func encodedAsNotice() -> [UInt8] { encoded(as: "notice", nil) }

    private func encoded(as type: String, _ requestID: RequestID?) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", type)
        if let requestID { writer.member("request_id", requestID.text) }
        writer.member("code", code)
        writer.member("message", message)
        writer.member("reason", reason)
        writer.member("retryable", retryable)
        for (key, value) in extra {
            writer.key(key)
            writer.value(value)
        }
        writer.endObject()
        return writer.bytes
    }
}

// MARK: - From refusals

extension ErrorMessage {
    package init(_ refusal: Refusal) {
        switch refusal {
        case .invalid(let text):
            self.init(code: "INVALID_MESSAGE", message: text)
        case .invalidQuery(let fault):
            self.init(
                code: "INVALID_MESSAGE", message: fault.description,
                extra: [
                    "position": .integer(fault.position), "expected": .string(fault.expected),
                    "remedy": .string(fault.remedy),
                ])
        case .notInRoom:
            self.init(code: "NOT_IN_ROOM", message: "Register in a room first")
        case .forbidden(let text):
            self.init(code: "FORBIDDEN", message: text)
        case .modelNotFound(let name):
            self.init(
                code: "MODEL_NOT_FOUND", message: "This room has no model or alias \(Self.shown(name))",
                extra: ["model_id": .string(Self.shown(name))])
        case .modelExists(let id, let digest):
            self.init(
                code: "MODEL_EXISTS",
                message: "Model \(id) exists with other content; publish with on_conflict suffix or replace",
                extra: ["model_id": .string(id.text), "digest": digest.map { .string($0.text) } ?? .null])
        case .aliasTaken(let alias, let holder):
            self.init(
                code: "ALIAS_TAKEN",
                message: holder.map { "Alias \(alias) belongs to model \($0)" }
                    ?? "Alias \(alias) is not held by any model",
                extra: ["alias": .string(alias.text), "holder_model_id": holder.map { .string($0.text) } ?? .null])
        case .aliasInvalid(let text):
            self.init(code: "ALIAS_INVALID", message: text)
        case .staleRevision(let revision, let subject):
            self.init(
                code: "STALE_REVISION", message: "The \(subject) is at revision \(revision); read it and decide again",
                extra: ["revision": .integer(revision.number)])
        case .limitReached(let text):
            self.init(code: "LIMIT_REACHED", message: text)
        case .rateLimited(let wait):
            self.init(
                code: "RATE_LIMITED", message: "Too many requests; wait \(wait) ms", retryable: true,
                extra: ["retry_after_ms": .integer(wait)])
        case .tooLarge(let text):
            self.init(code: "TOO_LARGE", message: text)
        case .compacted(let floor):
            self.init(
                code: "COMPACTED", message: "The history before revision \(floor) is no longer kept",
                extra: ["oldest_revision": .integer(floor.number)])
        case .unavailable(let text):
            self.init(code: "UNAVAILABLE", message: text, retryable: true)
        case .unknownMessageType(let type):
            self.init(code: "UNKNOWN_MESSAGE_TYPE", message: "Unknown message type: \(Self.shown(type))")
        }
    }

    /// What a peer sent, cut to a length that is fit to send back.
    /// Scalars are counted: one character may be of any length.
    private static func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars
        return scalars.count <= 80 ? text : "\(String(scalars.prefix(80)))…"
    }

    /// Text that is not an object of strict JSON. The socket stays open.
    package init(_ fault: JSONFault) {
        self.init(code: "INVALID_JSON", message: "Invalid JSON format", extra: ["detail": .string("\(fault)")])
    }
}
