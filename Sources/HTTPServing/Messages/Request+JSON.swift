import FoundationEssentials
import JSONWire

extension Request {
    /// The body as a value of `type`: JSON without duplicate keys, no deeper than the server's limit.
    ///
    /// A handler may let the fault pass: the connection answers it with 400 and its sentence.
    package func decode<Value: Decodable>(_ type: Value.Type) throws(RequestFault) -> Value {
        do throws(JSONFault) {
            let depth = jsonDepth
            try body.withUnsafeBufferPointer { (bytes) throws(JSONFault) in
                try JSONScanner.validate(UnsafeRawBufferPointer(bytes), maxDepth: depth)
            }
        } catch {
            throw .invalidJSON(error)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch let error as DecodingError {
            throw .unexpectedShape(error.sentence)
        } catch {
            throw .unexpectedShape("The body is not what this request needs.")
        }
    }

    /// The body as the members of one JSON object.
    package func json() throws(RequestFault) -> JSONObject {
        do throws(JSONFault) {
            guard let object = try JSONValue.parse(body, maxDepth: jsonDepth).objectValue else { throw .notAnObject }
            return object
        } catch {
            throw .invalidJSON(error)
        }
    }
}

extension DecodingError {
    /// What is wrong and where, in names of our own; nothing the peer sent is repeated.
    fileprivate var sentence: String {
        switch self {
        case .keyNotFound(let key, let context): "\(Self.place(context.codingPath + [key])) is missing."
        case .valueNotFound(_, let context): "\(Self.place(context.codingPath)) must not be null."
        case .typeMismatch(let type, let context): "\(Self.place(context.codingPath)) must be \(Self.noun(type))."
        case .dataCorrupted(let context): "\(Self.place(context.codingPath)) is not valid."
        @unknown default: "The body is not what this request needs."
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        if path.isEmpty { return "The body" }
        var text = ""
        for key in path {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        // Keys of a dictionary are the peer's.
        return text.utf8.count > 200 ? "A member" : "The member \(text)"
    }

    private static func noun(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is any DictionaryLike.Type: "an object"
        case is any ArrayLike.Type: "an array"
        default: "of another type"
        }
    }
}

private protocol DictionaryLike {}
private protocol ArrayLike {}
extension Dictionary: DictionaryLike {}
extension Array: ArrayLike {}
