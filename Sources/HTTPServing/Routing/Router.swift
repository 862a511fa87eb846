import HTTPWire

/// Which handler answers which method and path; filled before the server starts, a plain value afterwards.
///
/// ```
/// /api/rooms                    exact segments
/// /api/rooms/:room/models/:id   a parameter takes one segment that is not empty
/// /files/*rest                  the rest takes one segment or more
/// ```
/// Where several patterns match, an exact segment goes before a parameter and a parameter before the rest, from left
/// to right, among those that know the method.
package struct Router: Sendable {
    package typealias Handler = @Sendable (Request) async throws -> Response

    /// Handles a request whose body it reads while it comes, however large it is.
    package typealias BodyHandler = @Sendable (Request, RequestBody) async throws -> Response

    enum Work: Sendable {
        case whole(Handler)
        case streamed(BodyHandler)
    }

    struct Endpoint: Sendable {
        let work: Work
        /// The names of the segments that matched no exact one, in order.
        let names: [String]
    }

    /// One segment deep in the patterns; the places of the segments after it.
    struct Node: Sendable {
        let segment: String
        var exact: [String: Int] = [:]
        var parameter: Int?
        /// By method, for paths that end here.
        var endpoints: [String: Endpoint] = [:]
        /// By method, for paths that go on in any way.
        var rests: [String: Endpoint] = [:]
    }

    var nodes = [Node(segment: "")]
    /// `GET /api/…`, in the order they were added.
    private(set) var routes: [String] = []

    package init() {}

    /// Adds a route. A pattern that starts with no slash, repeats a name or a route, or goes on after `*rest` is our
    /// own mistake.
    package mutating func on(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping Handler) {
        add(method, pattern, .whole(handler))
    }

    /// The same for a handler that reads the body itself.
    package mutating func onStreamed(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping BodyHandler) {
        add(method, pattern, .streamed(handler))
    }

    private mutating func add(_ method: HTTPMethod, _ pattern: String, _ work: Work) {
        precondition(pattern.hasPrefix("/"), "A pattern starts with a slash.")
        routes.append("\(method) \(pattern)")
        var place = 0
        var names: [String] = []
        let segments = pattern == "/" ? [] : pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isNamed = segment.hasPrefix(":") || segment.hasPrefix("*")
            if isNamed {
                let name = String(segment.dropFirst())
                precondition(!name.isEmpty && !names.contains(name), "A pattern names each of its segments once.")
                names.append(name)
            }
            if segment.hasPrefix("*") {
                precondition(index == segments.count - 1, "Nothing comes after the rest.")
                return add(&nodes[place].rests, method, work, names)
            }
            place = isNamed ? parameter(of: place) : child(of: place, String(segment))
        }
        add(&nodes[place].endpoints, method, work, names)
    }

    private func add(
        _ endpoints: inout [String: Endpoint], _ method: HTTPMethod, _ work: Work, _ names: [String]
    ) {
        let replaced = endpoints.updateValue(Endpoint(work: work, names: names), forKey: method.name)
        precondition(replaced == nil, "A route is added once.")
    }

    private mutating func child(of place: Int, _ segment: String) -> Int {
        if let known = nodes[place].exact[segment] { return known }
        nodes.append(Node(segment: segment))
        nodes[place].exact[segment] = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func parameter(of place: Int) -> Int {
        if let known = nodes[place].parameter { return known }
        nodes.append(Node(segment: ""))
        nodes[place].parameter = nodes.count - 1
        return nodes.count - 1
    }
}
