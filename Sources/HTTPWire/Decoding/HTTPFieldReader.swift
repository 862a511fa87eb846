/// Reads field lines up to the empty line, for requests and responses alike.
struct HTTPFieldReader: Sendable {
    private var entries: [HTTPFields.Entry] = []
    private var size = 0
    private(set) var framing = HTTPFramingFields()

    /// The fields once the empty line is read, with `lines` handed over to them; nil when all of `input` is consumed.
    mutating func next(
        _ input: UnsafeRawBufferPointer, at consumed: inout Int, lines: inout HTTPLineBuffer, limits: HTTPLimits
    ) throws(HTTPFault) -> HTTPFields? {
        while consumed < input.count {
            let limit = max(0, limits.maxHeaderBytes - size - 2)
            guard let line = try lines.nextLine(of: input, at: &consumed, limit: limit, tooLong: .headersTooLarge)
            else { return nil }
            if line.isEmpty { return HTTPFields(bytes: lines.take(), entries: entries) }
            if entries.isEmpty { entries.reserveCapacity(16) }
            guard entries.count < limits.maxHeaderCount else { throw .tooManyHeaders }
            size += line.count + 2
            let field = try HTTPFieldLine(parsing: lines.bytes, line)
            try framing.note(field.name, field.value, in: lines.bytes)
            entries.append(HTTPFields.Entry(name: field.name, value: field.value))
        }
        return nil
    }
}
