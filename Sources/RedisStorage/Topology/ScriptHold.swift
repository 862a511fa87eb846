/// Keeps scripts in order on a server that lost them.
///
/// After the first `NOSCRIPT` nothing that runs a script is sent until all that was sent before is answered; then the
/// scripts are loaded, and what was refused and what was held goes out in the order it was given. Loading them at once
/// would let later commands overtake earlier ones that are still being refused.
struct ScriptHold {
    typealias Held = (command: RedisCommand, attempts: Int, answer: RedisLink.Answer)

    private var inFlight = 0
    private var refused: [Held] = []
    private var held: [Held] = []

    private(set) var isHolding = false

    mutating func sent() { inFlight += 1 }

    /// One of those sent was answered.
    mutating func answered() { inFlight -= 1 }

    mutating func refused(_ script: Held) {
        isHolding = true
        refused.append(script)
    }

    mutating func hold(_ script: Held) { held.append(script) }

    /// What may go out now, in order; nil when there is nothing or not yet.
    mutating func release() -> [Held]? {
        guard isHolding, inFlight == 0 else { return nil }
        defer { (refused, held, isHolding) = ([], [], false) }
        return refused + held
    }
}
