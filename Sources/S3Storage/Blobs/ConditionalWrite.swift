import Synchronization

/// One write that is to happen only onto a certain version.
///
/// Each bears a name of its own in the object's metadata. When an answer is lost and the repeat finds the condition
/// failed, the name on the object tells whether it was our own first attempt that made it fail.
struct ConditionalWrite {
    let client: S3Client
    let key: String
    let bytes: [UInt8]
    let attempt: String

    /// The new ETag; nil when another version was there.
    func run(expecting tag: String?, lacksConditions: borrowing Atomic<Bool>) async throws(S3Fault) -> String? {
        if lacksConditions.load(ordering: .relaxed) { return try await compareAndPut(expecting: tag) }
        do throws(S3Fault) {
            return try await put(tag.map(PutCondition.ifMatches) ?? .ifAbsent)
        } catch {
            guard let refusal = error.refusal else { throw error }
            if refusal.saysUnsupported {
                note(lacksConditions)
                return try await compareAndPut(expecting: tag)
            }
            if tag != nil, refusal.saysNoSuchKey { return nil }
            guard refusal.saysConditionFailed else { throw error }
            return try await afterFailedCondition(expecting: tag, isRepeat: refusal.isRepeat, lacksConditions)
        }
    }

    private func afterFailedCondition(
        expecting tag: String?, isRepeat: Bool, _ lacksConditions: borrowing Atomic<Bool>
    ) async throws(S3Fault) -> String? {
        guard tag != nil || isRepeat else { return nil }
        guard let head = try await client.head(key) else { return nil }
        if isRepeat, head.attempt == attempt { return head.tag }
        guard let tag, head.tag == tag else { return nil }
        return try await putUnquoted(tag, lacksConditions)
    }

    /// The ETag matches and yet was refused: Ceph's gateway compares it without its quotes.
    private func putUnquoted(
        _ tag: String, _ lacksConditions: borrowing Atomic<Bool>
    ) async throws(S3Fault) -> String? {
        do throws(S3Fault) {
            return try await put(.ifMatches(tag.filter { $0 != "\"" }))
        } catch {
            guard let refusal = error.refusal else { throw error }
            if refusal.saysNoSuchKey { return nil }
            guard refusal.saysConditionFailed else { throw error }
            guard let head = try await client.head(key) else { return nil }
            if refusal.isRepeat, head.attempt == attempt { return head.tag }
            guard head.tag == tag else { return nil }
            note(lacksConditions)
            return try await put(.always)
        }
    }

    /// Two steps in place of one, for stores without conditions.
    private func compareAndPut(expecting tag: String?) async throws(S3Fault) -> String? {
        guard try await client.head(key)?.tag == tag else { return nil }
        return try await put(.always)
    }

    private func put(_ condition: PutCondition) async throws(S3Fault) -> String {
        try await client.put(bytes, at: key, condition, attempt: attempt)
    }

    private func note(_ lacksConditions: borrowing Atomic<Bool>) {
        guard !lacksConditions.exchange(true, ordering: .relaxed) else { return }
        client.surroundings.events(.conditionsUnsupported)
    }
}
