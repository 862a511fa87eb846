import RoomCore
import RoomStorage

extension LiveEngine {
    private static let keptChanges = 256
    private static let keptBytes = 64 * 1024
    private static let stagedBytes = 256 * 1024
    private static let stagedFields = 400

    /// The words of a commit for its script; made in the caller's thread.
    static func command(for commit: LiveCommit, keys: LiveKeys, settings: RedisSettings) -> RedisCommand {
        let notice = commit.notice
        let isWhole = notice.changes.count == notice.revision.number - notice.base.number
        let isKept = isWhole && notice.changes.reduce(0) { $0 + $1.count } <= keptBytes
        let numbers = [
            notice.epoch.text, String(notice.base.number), String(notice.revision.number),
            settings.roomTerm.wholeMilliseconds, String(keptChanges), isKept ? String(notice.changes.count) : "-1",
        ]
        var arguments = [Array(keys.channel(notice.room).utf8), Envelope.committed(notice)]
        arguments += numbers.map { Array($0.utf8) }
        if isKept { arguments += notice.changes }
        for field in commit.fields { arguments += [field.keyBytes, field.value] }
        return RedisCommand(
            LiveScripts.commit, keys: [keys.manifest(notice.room), keys.changes(notice.room)], arguments: arguments)
    }

    func announce(_ notice: RoomNotice, by command: RedisCommand) {
        send(command) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let reply):
                if self.isDone(reply, key: keys.manifest(notice.room)) { return }
            case .failure(.refused):
                // The script did not run to its end; the word must go out all the same.
                publish(Envelope.committed(notice), about: notice.room)
            case .failure: return
            }
            listeners[notice.server]?.hear(.outOfStep(notice.room))
        }
    }

    /// Whether a script that gives `{done, fault}` wrote.
    func isDone(_ reply: RedisValue, key: String) -> Bool {
        guard let parts = reply.array, parts.count == 2 else { return false }
        if let fault = parts[1].text, !fault.isEmpty { commands.met(fault, key: key) }
        let isDone = parts[0].integer == 1
        if isDone { commands.tookWrite() }
        return isDone
    }

    func publish(_ bytes: [UInt8], about room: RoomID) {
        let command = RedisCommand(publishTo: keys.channel(room), key: keys.manifest(room), size: bytes.count) {
            $0.append(contentsOf: bytes)
        }
        commands.send(command) { _ in }
    }

    /// A manifest goes to a key of its own in parts, none of which holds Redis up, and takes its place in one step.
    static func commands(for manifest: LiveManifest, keys: LiveKeys, settings: RedisSettings) -> [RedisCommand] {
        let (key, staged) = (keys.manifest(manifest.room), keys.staged(manifest.room))
        var parts: [[[UInt8]]] = [
            ["epoch", manifest.epoch.text, "revision", String(manifest.revision.number)].map { Array($0.utf8) }
        ]
        var size = 0
        for field in manifest.fields {
            if size > stagedBytes || parts[parts.count - 1].count > stagedFields * 2 {
                parts.append([])
                size = 0
            }
            parts[parts.count - 1] += [field.keyBytes, field.value]
            size += field.value.count
        }
        var commands = parts.map { RedisCommand(words: [Array("HSET".utf8), Array(staged.utf8)] + $0, key: key) }
        commands.insert(RedisCommand("PEXPIRE", staged, "60000", key: key), at: 1)
        let count = Set(manifest.fields.map(\.name)).count + 2
        let stamps = [
            manifest.epoch.text, String(manifest.revision.number), String(count), settings.roomTerm.wholeMilliseconds,
        ]
        return commands + [
            RedisCommand(
                LiveScripts.store, keys: [key, keys.changes(manifest.room), staged],
                arguments: stamps.map { Array($0.utf8) })
        ]
    }

    func manifest(of room: RoomID, then: @escaping (LiveManifest?) -> Void) {
        let key = keys.manifest(room)
        send(RedisCommand("HGETALL", key, key: key)) { result in
            guard case .success(let reply) = result else { return then(nil) }
            then(Self.manifest(in: reply.array ?? [], of: room))
        }
    }

    private static func manifest(in list: [RedisValue], of room: RoomID) -> LiveManifest? {
        var epoch: Epoch?
        var revision: Revision?
        var fields: [LiveField] = []
        for index in stride(from: 0, to: list.count - 1, by: 2) {
            guard let name = list[index].text, let value = list[index + 1].bytes else { return nil }
            switch name {
            case "epoch": epoch = Epoch(String(decoding: value, as: UTF8.self))
            case "revision": revision = Int(String(decoding: value, as: UTF8.self)).flatMap { Revision(wire: $0) }
            default:
                guard name.hasPrefix(LiveField.prefix) else { return nil }
                fields.append(LiveField(name: String(name.dropFirst(LiveField.prefix.count)), value: value))
            }
        }
        guard let epoch, let revision else { return nil }
        return LiveManifest(room: room, epoch: epoch, revision: revision, fields: fields)
    }

    func changes(
        of room: RoomID, after revision: Revision, in epoch: Epoch, then: @escaping ([[UInt8]]?) -> Void
    ) {
        let command = RedisCommand(
            LiveScripts.changes, keys: [keys.manifest(room), keys.changes(room)],
            arguments: [Array(epoch.text.utf8), Array(String(revision.number).utf8)])
        send(command) { result in
            guard case .success(let reply) = result, let parts = reply.array, parts.count == 2,
                let live = parts[0].integer, let entries = parts[1].array, entries.count == live - revision.number
            else { return then(nil) }
            let bodies = entries.compactMap(\.bytes)
            then(bodies.count == entries.count ? bodies : nil)
        }
    }

    func forget(_ room: RoomID) {
        send(RedisCommand("UNLINK", keys.manifest(room), keys.changes(room), key: keys.manifest(room))) { _ in }
    }
}

extension LiveField {
    /// Keeps the pieces apart from the stamps in one hash.
    static let prefix = "p:"

    var keyBytes: [UInt8] { Array(Self.prefix.utf8) + Array(name.utf8) }
}

extension Duration {
    /// For Redis, to which a term of nothing is an error.
    var wholeMilliseconds: String { String(max(1, Int64(self / .milliseconds(1)))) }
}
