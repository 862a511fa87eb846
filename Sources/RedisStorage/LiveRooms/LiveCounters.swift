/// What the adapter has done since it was opened.
package struct LiveCounters: Sendable, Equatable {
    package var reconnects = 0
    package var commands = 0
    package var noticesHeard = 0
    package var framesRouted = 0
    package var framesHeard = 0
    /// Messages on our channels that none of our servers wrote.
    package var junkHeard = 0
    package var interruptions = 0
}
