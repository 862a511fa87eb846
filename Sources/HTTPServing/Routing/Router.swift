import HTTPWire

/// Finds the handler of a request by method and path.
///
/// Patterns are segments: `api`, `:room` (any one segment), `*rest` (all that is left). An exact segment wins over a
/// parameter, a parameter over the rest.
package struct Router: Sendable {
    package typealias Handler = @Sendable (Request) async throws -> Response

    private struct Node {
        var exact: [String: Int] = [:]
        var parameter: Int?
        var rest: Int?
        var handlers: [HTTPMethod: (handler: Handler, names: [String])] = [:]
    }

    enum Match {
        case found(Handler, parameters: [String: String])
        case notFound
        case methodNotAllowed(allowed: [String])
    }

    private var nodes = [Node()]
    /// `GET /api/…`, for documents to be checked against.
    package private(set) var routes: [String] = []

    package init() {}

    package mutating func on(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping Handler) {
        var index = 0
        var names: [String] = []
        for segment in pattern.split(separator: "/").map(String.init) {
            switch segment.first {
            case ":":
                names.append(String(segment.dropFirst()))
                index = child(of: index, \.parameter)
            case "*":
                names.append(String(segment.dropFirst()))
                index = child(of: index, \.rest)
            default:
                index = child(of: index, \.exact[segment])
            }
        }
        precondition(nodes[index].handlers[method] == nil, "a route is added once")
        nodes[index].handlers[method] = (handler, names)
        routes.append("\(method) \(pattern)")
    }

    private mutating func child(of index: Int, _ edge: WritableKeyPath<Node, Int?>) -> Int {
        if let child = nodes[index][keyPath: edge] { return child }
        nodes.append(Node())
        nodes[index][keyPath: edge] = nodes.count - 1
        return nodes.count - 1
    }

    func match(_ method: HTTPMethod, _ path: [String]) -> Match {
        guard let (index, values) = find(path[...], from: 0) else { return .notFound }
        let handlers = nodes[index].handlers
        let wanted = method == .head && handlers[.head] == nil ? .get : method
        guard let (handler, names) = handlers[wanted] else {
            let head = handlers[.get] != nil && handlers[.head] == nil ? ["HEAD"] : []
            return .methodNotAllowed(allowed: (handlers.keys.map(\.name) + head + ["OPTIONS"]).sorted())
        }
        return .found(handler, parameters: Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first }))
    }

    private func find(_ path: ArraySlice<String>, from index: Int) -> (node: Int, values: [String])? {
        guard let segment = path.first else {
            return nodes[index].handlers.isEmpty ? nil : (index, [])
        }
        if let child = nodes[index].exact[segment], let found = find(path.dropFirst(), from: child) { return found }
        if let child = nodes[index].parameter, !segment.isEmpty, let found = find(path.dropFirst(), from: child) {
            return (found.node, [segment] + found.values)
        }
        return nodes[index].rest.map { ($0, [path.joined(separator: "/")]) }
    }
}
