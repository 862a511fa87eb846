import JSONWire
import RoomCore

/// A policy as records keep it.
extension RoomPolicy {
    package var recorded: String { String(decoding: JSONValue.object(json).encoded(), as: UTF8.self) }

    /// - Parameter text: nil where nobody changed the policy.
    package init(recorded text: String?) throws(StoreError) {
        guard let text else {
            self.init()
            return
        }
        do {
            try self.init(FieldReader(try JSONValue.parse(Array(text.utf8), maxDepth: 4).objectValue ?? [:]))
        } catch {
            throw .corrupt("the policy of a room cannot be read (\(error)): restore a backup")
        }
    }
}
