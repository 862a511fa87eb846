import Testing

/// The suites of whole servers on real stores: each test starts several programs, so that one goes after the other.
@Suite(.serialized, .enabled(if: TestStores.areHere)) enum OnRealStores {}
