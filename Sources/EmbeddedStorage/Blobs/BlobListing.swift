import RoomStorage

/// Walks the directories of blobs in the byte order of keys, and only those that can hold a key that was asked for.
struct BlobListing {
    let prefix: String
    let after: BlobKey?
    let limit: Int
    private(set) var keys: [BlobKey] = []

    init(prefix: String, after: BlobKey?, limit: Int) {
        self.prefix = prefix
        self.after = after
        self.limit = limit
    }

    /// - Parameter path: of the directory, with a slash at its end unless it is the root.
    mutating func visit(_ directory: borrowing OpenDirectory, at path: String) throws(FileFault) {
        for entry in try directory.names().compactMap({ Entry($0, in: path) }).sorted() {
            guard keys.count < limit else { return }
            if entry.isDirectory {
                guard mayHold(entry.path), let inner = try directory.directory(entry.name) else { continue }
                try visit(inner, at: entry.path)
            } else if let key = BlobKey(entry.path), isWanted(key) {
                keys.append(key)
            }
        }
    }

    private func isWanted(_ key: BlobKey) -> Bool {
        guard key.path.utf8.starts(with: prefix.utf8) else { return false }
        return after.map { $0 < key } ?? true
    }

    /// Whether a key that begins with `path` can begin with the prefix and come after the last one.
    private func mayHold(_ path: String) -> Bool {
        let matches = path.utf8.starts(with: prefix.utf8) || prefix.utf8.starts(with: path.utf8)
        guard matches, let after else { return matches }
        return after.path.utf8.starts(with: path.utf8) || after.path.utf8.lexicographicallyPrecedes(path.utf8)
    }

    /// A file of the key `path`, or a directory whose keys all begin with `path`, which ends in a slash: so sorting
    /// entries sorts keys.
    private struct Entry: Comparable {
        let name: String
        let path: String
        let isDirectory: Bool

        /// Nil for what belongs to no key.
        init?(_ name: String, in directory: String) {
            let parts = name.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
            switch parts.count {
            case 1: path = "\(directory)\(name)/"
            case 2 where parts[1].isEmpty: path = "\(directory)\(name.dropLast())"
            default: return nil
            }
            self.name = name
            isDirectory = parts.count == 1
        }

        static func < (left: Entry, right: Entry) -> Bool {
            left.path.utf8.lexicographicallyPrecedes(right.path.utf8)
        }
    }
}
