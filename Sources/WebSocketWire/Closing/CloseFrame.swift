/// The content of a close frame; a nil code is the empty payload.
package struct CloseFrame: Equatable, Sendable {
    package var code: CloseCode?
    package var reason: String

    package init(_ code: CloseCode?, reason: String = "") {
        self.code = code
        self.reason = reason
    }
}
