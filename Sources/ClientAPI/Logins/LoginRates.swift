import RoomService

/// What logins may ask of this server.
///
/// Addresses count for nothing: behind a proxy all come from one, and a stranger there would stop everybody's logins. Each
/// program's login has a rate of its own, by the hash of its state; what costs something has a rate for all of them, wide
/// enough that only a flood reaches it. Guessing needs no bound: credentials and states have 128 bits and more.
package struct LoginRates: Sendable {
    private let polls: AskingRates
    private let deposits: AskingRates
    private let departures: AskingRates
    private let costs: AskingRates

    package init(elapsed: @escaping @Sendable () -> Duration) {
        polls = AskingRates(perSecond: 50, burst: 200, elapsed: elapsed)
        deposits = AskingRates(perSecond: 5, burst: 50, elapsed: elapsed)
        departures = AskingRates(perSecond: 1, burst: 20, elapsed: elapsed)
        costs = AskingRates(perSecond: 200, burst: 1000, elapsed: elapsed)
    }

    func countPoll(of state: LoginState) throws { try polls.count(state.hash) }

    func countDeposit(for state: LoginState) throws {
        try deposits.count(state.hash)
        try countCost()
    }

    func countDeparture(for state: LoginState) throws {
        try departures.count(state.hash)
        try countCost()
    }

    /// A signature to be checked, a provider to be asked, something to be kept.
    func countCost() throws { try costs.count("") }
}
