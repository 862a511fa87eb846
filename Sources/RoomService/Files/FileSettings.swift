/// Bounds and terms of model files.
package struct FileSettings: Sendable, Equatable {
    /// How long an address may be used.
    package var addressSeconds: Int64 = 3600
    /// How long an upload may be gone on with after it was last asked for.
    package var uploadSeconds: Int64 = 7 * 86_400
    /// Bytes of one room's stored models; 0: no limit.
    package var roomBytes = 0
    /// Stored models of one room; 0: no limit.
    package var roomModels = 0
    /// How often objects are compared with models; 0: never.
    package var checkSeconds: Int64 = 300
    /// How long an object without a model is kept, after it was written and after its room's epoch began.
    package var graceSeconds: Int64 = 7 * 86_400
    /// How long files of a deleted room are kept at least: as long as its backups, which are nothing without them.
    package var deletedRoomSeconds: Int64 = 365 * 86_400

    /// How long a check or a verification is taken to go on after it was last heard of.
    package var termSeconds: Int64 = 20
    /// The pause between two pages of a listing, so that a check of many objects leaves the store to others.
    package var pagePause: Duration = .milliseconds(20)

    package init() {}
}
