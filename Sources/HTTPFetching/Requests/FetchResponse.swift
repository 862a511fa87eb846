/// What a server answered.
package struct FetchResponse: Sendable {
    package let status: Int
    /// As they came, in order; of the last answer when redirects were followed.
    package let headers: [(name: String, value: String)]
    /// Empty when the body was streamed.
    package let body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of this name, whatever its case.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    package var isSuccess: Bool { (200...299).contains(status) }
}
