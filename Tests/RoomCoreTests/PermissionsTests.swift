import JSONWire
import RoomCore
import Testing

/// The whole of who may do what, as the README has it.
@Suite struct PermissionsTests {
    /// `+` may, `-` may not; `~` may where the policy lets maintainers move protected aliases, and not else.
    private static let table = """
        verb                  owner maintainer publisher worker viewer
        readRoom              +     +          +         +      +
        publishModel          +     +          +         +      -
        updateModel           +     +          +         +      -
        moveAlias             +     +          +         +      -
        withdrawModel         +     +          +         +      -
        reportCopy            +     +          +         +      -
        storeFiles            +     +          +         +      -
        tellStreams           +     +          +         +      -
        reserveWorkers        +     +          +         +      -
        storeAnyModel         +     +          +         -      -
        useWorkers            +     +          +         -      -
        issueWorkerToken      +     +          +         -      -
        governWorkerTokens    +     +          -         -      -
        moveProtectedAlias    +     ~          -         -      -
        replaceAnyModel       +     -          -         -      -
        protectModel          +     -          -         -      -
        changeProtectedModel  +     -          -         -      -
        invite                +     -          -         -      -
        removeMembers         +     -          -         -      -
        changeRoles           +     -          -         -      -
        changePolicy          +     -          -         -      -
        renameRoom            +     -          -         -      -
        deleteRoom            +     -          -         -      -
        """

    private struct Cell {
        let verb: RoomVerb
        let role: MemberRole
        let mark: Substring
    }

    private static func cells() throws -> [Cell] {
        let lines = table.split(separator: "\n").map { $0.split(separator: " ") }
        let roles = try lines[0].dropFirst().map { try #require(MemberRole(rawValue: String($0))) }
        return try lines.dropFirst().flatMap { words in
            let verb = try #require(RoomVerb(rawValue: String(words[0])), "\(words[0]) is no verb")
            try #require(words.count == roles.count + 1)
            return zip(roles, words.dropFirst()).map { Cell(verb: verb, role: $0, mark: $1) }
        }
    }

    @Test func everyRoleMayWhatTheTableSaysAndNothingElse() throws {
        let cells = try Self.cells()
        #expect(Set(cells.map(\.verb)) == Set(RoomVerb.allCases))
        #expect(cells.count == RoomVerb.allCases.count * MemberRole.allCases.count)
        for maintainersMove in [false, true] {
            var policy = RoomPolicy()
            policy.maintainersMoveProtectedAliases = maintainersMove
            let permissions = Permissions(policy)
            for cell in cells {
                let may = cell.mark == "+" || (cell.mark == "~" && maintainersMove)
                #expect(permissions.allow(cell.verb, to: cell.role) == may, "\(cell.role) \(cell.verb)")
                let told = refused { () throws(Refusal) in
                    try permissions.check(cell.verb, for: cell.role, of: "It")
                }
                #expect((told == nil) == may, "\(cell.role) \(cell.verb)")
                guard case .forbidden(let sentence)? = told else { continue }
                #expect(sentence.count > 12, "the refusal says who may, or what one may instead")
            }
        }
    }

    /// Each line: what the policy says, and which of these may publish: a worker what it trained, a worker another's
    /// model, and a client.
    @Test(arguments: [
        (RoomPolicy.Publishing.everyone, true, true, true), (.workers, true, true, false),
        (.workersAfterTraining, true, false, false),
    ])
    func thePolicySaysWhoPublishes(
        _ publishing: RoomPolicy.Publishing, _ trained: Bool, _ pulled: Bool, _ client: Bool
    ) throws {
        var policy = RoomPolicy()
        policy.publishing = publishing
        let cases: [(Actor, ModelSource?, Bool)] = [
            (Room.worker, nil, trained), (Room.worker, .workerTraining, trained), (Room.worker, .workerPull, pulled),
            (Room.owner, nil, client), (Room.owner, .workerTraining, client), (Room.maintainer, nil, client),
            (Room.member, nil, client), (Room.viewer, nil, false),
        ]
        for (actor, source, may) in cases {
            var room = Room()
            room.policy = policy
            let told = refusal { () throws(Refusal) in
                try room.publish("aaaaaaaa", digest: "a", by: actor) { $0.fields.source = source }
            }
            #expect(told?.kind == (may ? nil : "forbidden"), "\(actor.username) \(String(describing: source))")
        }
    }

    @Test func aWorkerTokenDoesNoMoreThanItsMakerMay() {
        #expect(ActorRole.workerToken(of: .owner).granted == .worker)
        #expect(ActorRole.workerToken(of: .worker).granted == .worker)
        #expect(ActorRole.workerToken(of: .viewer).granted == .viewer)
        for role in MemberRole.allCases { #expect(ActorRole.member(role).granted == role) }
    }

    @Test func aPolicyReadsAsItIsWritten() throws {
        var policy = RoomPolicy()
        #expect(try RoomPolicy(FieldReader(policy.json)) == policy && policy == RoomPolicy())
        #expect(try RoomPolicy(FieldReader([:])) == RoomPolicy())
        policy.publishing = .workersAfterTraining
        policy.protectedAliases = [Alias(trusted: "production"), Alias(trusted: "b")]
        policy.maintainersMoveProtectedAliases = true
        #expect(
            policy.json == [
                "publish": "workers-after-training", "protected_aliases": ["b", "production"],
                "move_protected_aliases": ["owner", "maintainer"],
            ])
        #expect(try RoomPolicy(FieldReader(policy.json)) == policy)
    }

    @Test(
        arguments: [
            (["publish": "nobody"], "publish: must be one of everyone, workers, workers-after-training"),
            (["protected_aliases": ["-x"]], "protected_aliases: must be a list"),
            (["protected_aliases": "production"], "protected_aliases: must be a list"),
            (["move_protected_aliases": ["maintainer"]], "move_protected_aliases: must hold owner"),
            (["move_protected_aliases": []], "move_protected_aliases: must hold owner"),
            (["move_protected_aliases": ["owner", "viewer"]], "move_protected_aliases: must be a list of owner and"),
            (["protected_alias": ["production"]], "protected_alias: is no part of a policy"),
        ] as [(JSONObject, String)])
    func aPolicyThatMakesNoSenseOrLocksTheOwnerOutIsRefused(_ body: JSONObject, _ fault: String) {
        #expect { try RoomPolicy(FieldReader(body)) } throws: { "\($0)".hasPrefix(fault) }
    }
}

private func refused(_ check: () throws(Refusal) -> Void) -> Refusal? {
    do {
        try check()
        return nil
    } catch { return error }
}
