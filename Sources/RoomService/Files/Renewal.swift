/// Runs work while something that it needs is renewed beside it; the work is cancelled once a renewal says that it is no
/// longer ours.
///
/// A renewal that could not be made is not one that was refused: the next may be.
func whileRenewing<Answer: Sendable>(
    every pause: Duration, _ renew: @escaping @Sendable () async throws -> Bool,
    _ work: @escaping @Sendable () async throws -> Answer
) async throws -> Answer {
    try await withThrowingTaskGroup(of: Answer?.self) { tasks in
        tasks.addTask { try await work() }
        tasks.addTask {
            repeat { try await Task.sleep(for: pause) } while (try? await renew()) ?? true
            return nil
        }
        defer { tasks.cancelAll() }
        guard let first = try await tasks.next(), let answer = first else { throw CancellationError() }
        return answer
    }
}
