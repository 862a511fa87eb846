import Testing

/// A condition did not come true within its bound.
struct TimedOut: Error {
    let what: String
}

/// Waits until a condition holds, for ten seconds at most.
func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
    _ = try await eventually(what) { () async throws -> Bool? in try await condition() ? true : nil }
}

/// Waits until there is a value, for ten seconds at most.
func eventually<Value>(_ what: String, _ value: () async throws -> Value?) async throws -> Value {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(10)
    while clock.now < end {
        if let found = try await value() { return found }
        try await Task.sleep(for: .milliseconds(1))
    }
    throw TimedOut(what: what)
}
