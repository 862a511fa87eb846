import JSONWire
import RoomCore

/// A room's manifest that decides and applies one request after the other.
struct RoomUnderTest {
    var manifest: Manifest
    var limits = ManifestLimits()
    private(set) var changes: [Change] = []
    private var clock: Int64 = 1_700_000_000

    init() {
        manifest = Manifest(
            room: RoomID(trusted: "a1b2c3d4"), epoch: Epoch(trusted: "e1"), updatedAt: Timestamp(seconds: 0))
    }

    @discardableResult
    mutating func decide(_ request: WriteRequest, by actor: Actor = .owner) throws(Refusal) -> Decision {
        clock += 1
        var draft = Draft(manifest, limits: limits)
        let decision = try draft.decide(request, by: actor, at: Timestamp(seconds: clock))
        for change in draft.changes { manifest.apply(change) }
        changes += draft.changes
        return decision
    }

    @discardableResult
    mutating func publish(
        _ id: String, digest: Character? = nil, alias: String? = nil, by actor: Actor = .owner,
        _ edit: (inout Publication) -> Void = { _ in }
    ) throws(Refusal) -> Decision {
        var publication = Publication(id: ModelID(trusted: id))
        publication.digest = digest.map { Digest(trusted: String(repeating: $0, count: 64)) }
        publication.alias = alias.map(Alias.init(trusted:))
        edit(&publication)
        return try decide(.publish(publication), by: actor)
    }

    @discardableResult
    mutating func move(
        _ alias: String, to model: String?, by actor: Actor = .owner, _ edit: (inout AliasMove) -> Void = { _ in }
    ) throws(Refusal) -> Decision {
        var move = AliasMove(alias: Alias(trusted: alias), model: model)
        edit(&move)
        return try decide(.alias(move), by: actor)
    }

    func model(_ name: String) -> Model? { manifest.resolve(name)?.model }
    func holder(_ alias: String) -> String? { manifest.aliases[Alias(trusted: alias)]?.text }
}

extension Actor {
    static let owner = Actor(
        user: UserID(trusted: "1"), username: "alice", role: .member(.owner), worker: nil)
    static let member = Actor(
        user: UserID(trusted: "2"), username: "bob", role: .member(.member), worker: nil)
    static let viewer = Actor(
        user: UserID(trusted: "3"), username: "eve", role: .member(.viewer), worker: nil)
    static let gpu1 = Actor(
        user: UserID(trusted: "2"), username: "bob", role: .workerToken, worker: WorkerName(trusted: "gpu-1"))
    static let gpu2 = Actor(
        user: UserID(trusted: "4"), username: "dan", role: .workerToken, worker: WorkerName(trusted: "gpu-2"))
}

/// Numbers that are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
