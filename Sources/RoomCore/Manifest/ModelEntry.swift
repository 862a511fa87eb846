import JSONWire

/// A model together with its encoded bytes, so that listing a thousand of them joins bytes and encodes nothing.
///
/// The bytes are everything of the entry that does not depend on who is online, and stop short of the closing brace.
package final class ModelEntry: Sendable {
    package let model: Model
    package let encodedOpen: [UInt8]

    package init(_ model: Model) {
        self.model = model
        var writer = JSONWriter()
        model.write(to: &writer)
        encodedOpen = writer.bytes
    }

    /// - Parameter encodedOpen: what the model would be encoded as.
    init(_ model: Model, encodedOpen: [UInt8]) {
        self.model = model
        self.encodedOpen = encodedOpen
    }

    /// Appends the whole entry as `presence` makes it look now.
    package func append(to bytes: inout [UInt8], presence: WorkerPresence) {
        bytes.append(contentsOf: encodedOpen)
        bytes.append(contentsOf: #","copies":["#.utf8)
        for (index, copy) in model.copies.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("worker", copy.worker.text)
            writer.member("path", copy.path)
            writer.member("online", presence.isOnline(copy.worker))
            writer.member("last_seen", copy.lastSeen(presence).description)
            writer.endObject()
            bytes.append(contentsOf: writer.bytes)
        }
        bytes.append(contentsOf: #"],"available_on_workers":["#.utf8)
        bytes.append(contentsOf: Self.encode(available(presence).map(\.text)))
        bytes.append(contentsOf: "]}".utf8)
    }

    package func encoded(presence: WorkerPresence) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encodedOpen.count + 64 + 160 * model.copies.count)
        append(to: &bytes, presence: presence)
        return bytes
    }

    package func available(_ presence: WorkerPresence) -> [WorkerName] {
        model.copies.map(\.worker).filter(presence.isOnline)
    }

    private static func encode(_ names: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, name) in names.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: JSONValue.string(name).encoded())
        }
        return bytes
    }
}

/// Which workers of a room are online, and when each was last seen.
package struct WorkerPresence: Sendable, Equatable {
    private var online: Set<WorkerName> = []
    private var seen: [WorkerName: Timestamp] = [:]

    package init() {}

    package var workersOnline: Set<WorkerName> { online }

    package func isOnline(_ worker: WorkerName) -> Bool { online.contains(worker) }
    package func lastSeen(of worker: WorkerName) -> Timestamp? { seen[worker] }

    package mutating func arrive(_ worker: WorkerName, at moment: Timestamp) {
        online.insert(worker)
        note(worker, at: moment)
    }

    package mutating func leave(_ worker: WorkerName, at moment: Timestamp) {
        online.remove(worker)
        note(worker, at: moment)
    }

    /// Remembers a moment; an older one than is known changes nothing.
    package mutating func note(_ worker: WorkerName, at moment: Timestamp) {
        seen[worker] = max(seen[worker] ?? moment, moment)
    }
}
