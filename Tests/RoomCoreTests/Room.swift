import JSONWire
import RoomCore
import Testing

/// A small room to try requests in: what was decided is applied at once unless a test keeps its own draft.
struct Room {
    static let owner = Actor(user: UserID(trusted: "1"), username: "ada", role: .member(.owner), worker: nil)
    static let member = Actor(user: UserID(trusted: "2"), username: "ben", role: .member(.publisher), worker: nil)
    static let maintainer = Actor(
        user: UserID(trusted: "4"), username: "dot", role: .member(.maintainer), worker: nil)
    static let viewer = Actor(user: UserID(trusted: "3"), username: "cy", role: .member(.viewer), worker: nil)
    static let worker = worker(named: "gpu-1")

    static func worker(named name: String) -> Actor {
        Actor(
            user: UserID(trusted: "w-\(name)"), username: name, role: .workerToken(of: .publisher),
            worker: WorkerName(trusted: name))
    }

    var manifest = Manifest(
        room: RoomID(trusted: "lab-mice"), epoch: Epoch(trusted: "e1"), updatedAt: Timestamp(seconds: 1_000))
    var limits = ManifestLimits()
    var policy = RoomPolicy()
    var now = Timestamp(seconds: 1_000)

    @discardableResult
    mutating func decide(_ request: WriteRequest, by actor: Actor = Room.owner) throws(Refusal) -> Decision {
        now = now.advanced(bySeconds: 1)
        var draft = Draft(manifest, limits: limits, policy: policy)
        let decision = try draft.decide(request, by: actor, at: now)
        for change in draft.changes { manifest.apply(change) }
        return decision
    }

    @discardableResult
    mutating func publish(
        _ id: String, digest: Character? = nil, by actor: Actor = Room.owner,
        _ shape: (inout Publication) -> Void = { _ in }
    ) throws(Refusal) -> Decision {
        try decide(.publish(.of(id, digest: digest, shape)), by: actor)
    }

    @discardableResult
    mutating func update(
        _ name: String, by actor: Actor = Room.owner, _ shape: (inout ModelUpdate) -> Void
    ) throws(Refusal) -> Decision {
        var update = ModelUpdate(model: name)
        shape(&update)
        return try decide(.update(update), by: actor)
    }

    @discardableResult
    mutating func alias(
        _ alias: String, _ model: String?, by actor: Actor = Room.owner, _ shape: (inout AliasMove) -> Void = { _ in }
    ) throws(Refusal) -> Decision {
        var move = AliasMove(alias: Alias(trusted: alias), model: model)
        shape(&move)
        return try decide(.alias(move), by: actor)
    }

    @discardableResult
    mutating func copy(
        _ name: String, _ available: Bool = true, by actor: Actor = Room.worker,
        _ shape: (inout CopyReport) -> Void = { _ in }
    ) throws(Refusal) -> Decision {
        var report = CopyReport(model: name, available: available)
        shape(&report)
        return try decide(.copy(report), by: actor)
    }

    @discardableResult
    mutating func withdraw(_ name: String, by actor: Actor = Room.owner) throws(Refusal) -> Decision {
        try decide(.withdraw(model: name, reason: nil), by: actor)
    }

    @discardableResult
    mutating func restore(_ name: String, by actor: Actor = Room.owner) throws(Refusal) -> Decision {
        try decide(.restore(model: name, reason: nil), by: actor)
    }

    func entry(_ name: String) throws -> ModelEntry { try #require(manifest.resolve(name)) }

    func model(_ name: String) throws -> Model { try entry(name).model }

    func aliases(of name: String) throws -> [String] { try model(name).aliases.map(\.text) }
}

extension Publication {
    static func of(_ id: String, digest: Character? = nil, _ shape: (inout Publication) -> Void = { _ in })
        -> Publication
    {
        var publication = Publication(id: ModelID(trusted: id))
        publication.digest = digest.map(Digest.of)
        shape(&publication)
        return publication
    }
}

extension Digest {
    static func of(_ character: Character) -> Digest { Digest(trusted: String(repeating: character, count: 64)) }
}

/// The refusal of a request, or nil when it was carried out.
func refusal(_ request: () throws(Refusal) -> Decision) -> Refusal? {
    do {
        _ = try request()
        return nil
    } catch { return error }
}

extension Refusal {
    /// The kind of refusal without its words.
    var kind: String { String(String(describing: self).prefix { $0 != "(" }) }
}
