import JSONWire

// MARK: - As the record keeps it

extension ModelEntry {
    /// The entry as the record keeps it: with its copies, without presence, joined from the bytes at hand.
    package func recorded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encodedOpen.count + 16 + 160 * model.copies.count)
        bytes.append(contentsOf: encodedOpen)
        bytes.append(contentsOf: #","copies":"#.utf8)
        if model.copies.isEmpty {
            bytes.append(contentsOf: "[]".utf8)
        } else {
            var writer = JSONWriter()
            model.writeCopies(to: &writer)
            bytes.append(contentsOf: writer.bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// Reads an entry as it was recorded. One that has the very layout in which entries are written keeps its bytes;
    /// any other, of an older version perhaps, is read as a tree and encoded anew.
    package convenience init(recorded bytes: UnsafeRawBufferPointer) throws(RecordFault) {
        if let members = RecordedMembers(bytes), let model = try? Model(members) {
            self.init(model, encodedOpen: Array(members.open))
            return
        }
        do {
            let object = try JSONValue.parse(bytes, maxDepth: RecordFault.maxDepth).objectValue ?? [:]
            self.init(try Model(recorded: object))
        } catch {
            throw RecordFault(String(describing: error))
        }
    }
}
