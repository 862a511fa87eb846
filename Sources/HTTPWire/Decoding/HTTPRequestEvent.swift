/// What a request decoder found next.
package enum HTTPRequestEvent: Sendable, Equatable {
    /// The whole head of a request.
    case head(HTTPRequestHead)
    /// Some bytes of its body, as offsets into the input of this call.
    case body(Range<Int>)
    /// The end of the request; what follows is the next one.
    case end
}
