/// One outgoing HTTP request and everything that bounds it.
package struct FetchRequest: Sendable {
    package var method: FetchMethod
    /// Absolute, `http` or `https`, every unusual character already percent-encoded.
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]?
    /// The most bytes of an answer that is kept; one that is streamed has no limit but its reader's.
    package var responseLimit: Int
    package var deadlines: FetchDeadlines
    /// How many redirects are followed; 0 hands the redirect to the caller. `https` never leads to `http`.
    package var redirectLimit: Int

    package init(
        method: FetchMethod = .get, url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        responseLimit: Int = 1 << 20, deadlines: FetchDeadlines = FetchDeadlines(), redirectLimit: Int = 0
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.responseLimit = responseLimit
        self.deadlines = deadlines
        self.redirectLimit = redirectLimit
    }
}

package enum FetchMethod: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case post = "POST"
    case delete = "DELETE"
}

/// How long each part of a request may take; whichever passes first ends it.
package struct FetchDeadlines: Sendable, Equatable {
    /// Until the connection stands, TLS included.
    package var connect: Duration
    /// The whole request, from the call to the last byte; nil for bodies whose size is their own.
    package var total: Duration?
    /// The longest time without one byte in either direction, in whole seconds.
    package var stalled: Duration

    package init(connect: Duration = .seconds(5), total: Duration? = .seconds(30), stalled: Duration = .seconds(15)) {
        self.connect = connect
        self.total = total
        self.stalled = stalled
    }
}
