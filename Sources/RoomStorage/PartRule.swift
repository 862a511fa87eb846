/// How files are cut into parts: the sizes a store takes.
package struct PartRule: Sendable, Equatable {
    /// The largest file that is PUT whole.
    package let wholeLimit: Int
    /// The size of a part, where the file does not need larger ones.
    package let partSize: Int
    package let partLimit: Int
    package let sizeLimit: Int

    package init(wholeLimit: Int, partSize: Int, partLimit: Int, sizeLimit: Int) {
        precondition(partSize > 0 && partLimit > 0, "Parts have a size and a number.")
        self.wholeLimit = wholeLimit
        self.partSize = partSize
        self.partLimit = partLimit
        self.sizeLimit = sizeLimit
    }

    /// The parts of a file, in order: equal but for the last, and no more than the limit. Nil for a size that no file
    /// has here: below zero, or beyond the limit.
    ///
    /// The size of a part grows in whole megabytes as the file outgrows the number of parts.
    package func parts(ofSize size: Int) -> [PartRange]? {
        guard (0...sizeLimit).contains(size) else { return nil }
        let megabyte = 1 << 20
        let least = (size + partLimit - 1) / partLimit
        let length = max(partSize, (least + megabyte - 1) / megabyte * megabyte)
        let count = max(1, (size + length - 1) / length)
        return (0..<count).map { index in
            PartRange(number: index + 1, offset: index * length, size: min(length, size - index * length))
        }
    }
}

/// One part of a file: its number from 1, and the bytes it spans.
package struct PartRange: Sendable, Hashable {
    package let number: Int
    package let offset: Int
    package let size: Int

    package init(number: Int, offset: Int, size: Int) {
        self.number = number
        self.offset = offset
        self.size = size
    }
}
