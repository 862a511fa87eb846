import JSONWire

extension JSONObject {
    /// The object that is the whole of `bytes`.
    init(parsing bytes: [UInt8], maxDepth: Int) throws(JSONFault) {
        guard let object = try JSONValue.parse(bytes, maxDepth: maxDepth).objectValue else { throw .notAnObject }
        self = object
    }
}
