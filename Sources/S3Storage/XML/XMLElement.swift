/// An element of one of S3's flat answers: its name, its own text, and the elements in it.
struct XMLElement: Equatable {
    var name: String
    var text = ""
    var children: [XMLElement] = []

    init(name: String) { self.name = name }

    /// Reads a whole document.
    init(_ bytes: [UInt8]) throws(XMLFault) {
        var reader = XMLReader(bytes)
        self = try reader.document()
    }

    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    func text(of name: String) -> String? { first(name)?.text }
}

/// Why a text is not read as XML.
enum XMLFault: Error, Equatable {
    case malformed(offset: Int)
    /// A document type, which may define entities: an answer has none.
    case documentType
    case tooDeep
    case tooManyElements
    case tooLong
}
