import HTTPWire

/// What a router says to a request's head, before any of its body is read.
enum Verdict: Sendable {
    case handle(Router.Handler, [String: String])
    case receive(Router.BodyHandler, [String: String])
    case answer(Response)
}

extension Router {
    /// HEAD is answered by the handler of GET, OPTIONS by the methods there are, unless they have routes themselves.
    func verdict(on head: HTTPRequestHead) -> Verdict {
        var search = RouteSearch(nodes, head.path, head.method == .head ? ["HEAD", "GET"] : [head.method.name])
        if let (work, parameters) = search.run() {
            switch work {
            case .whole(let handler): return .handle(handler, parameters)
            case .streamed(let handler): return .receive(handler, parameters)
            }
        }
        if search.known.isEmpty, head.target != "*" {
            return .answer(.error(.notFound, "Not Found"))
        }
        let allowed = allowedMethods(search.known)
        if head.method == .options { return .answer(Response.empty(.noContent).with("Allow", allowed)) }
        return .answer(Response.error(.methodNotAllowed, "Method Not Allowed").with("Allow", allowed))
    }

    private func allowedMethods(_ known: Set<String>) -> String {
        var methods = known.union(["OPTIONS"])
        if methods.contains("GET") { methods.insert("HEAD") }
        return methods.sorted().joined(separator: ", ")
    }
}

/// One walk over the tree of patterns, with the way back: at most every node at the path's depths is looked at.
private struct RouteSearch {
    private let nodes: [Router.Node]
    private let path: [String]
    private let methods: [String]
    /// The segments taken by parameters so far.
    private var taken: [String] = []
    /// The methods of all patterns that match the path.
    private(set) var known: Set<String> = []

    init(_ nodes: [Router.Node], _ path: [String], _ methods: [String]) {
        self.nodes = nodes
        self.path = path
        self.methods = methods
    }

    mutating func run() -> (Router.Work, [String: String])? {
        guard let endpoint = find(0, at: 0) else { return nil }
        return (endpoint.work, Dictionary(zip(endpoint.names, taken), uniquingKeysWith: { first, _ in first }))
    }

    private mutating func find(_ place: Int, at depth: Int) -> Router.Endpoint? {
        let node = nodes[place]
        guard depth < path.count else { return choose(node.endpoints) }
        let segment = path[depth]
        // Text is compared as bytes: by Unicode's rules a Kelvin sign is a K.
        if let next = node.exact[segment], nodes[next].segment.utf8.elementsEqual(segment.utf8),
            let found = find(next, at: depth + 1)
        {
            return found
        }
        if let next = node.parameter, !segment.isEmpty {
            taken.append(segment)
            if let found = find(next, at: depth + 1) { return found }
            taken.removeLast()
        }
        guard let found = choose(node.rests) else { return nil }
        taken.append(path[depth...].joined(separator: "/"))
        return found
    }

    private mutating func choose(_ endpoints: [String: Router.Endpoint]) -> Router.Endpoint? {
        for method in methods {
            if let endpoint = endpoints[method] { return endpoint }
        }
        known.formUnion(endpoints.keys)
        return nil
    }
}
