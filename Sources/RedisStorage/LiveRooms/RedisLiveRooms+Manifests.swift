import RoomCore
import RoomStorage

extension RedisLiveRooms {
    /// Bytes of a manifest sent in one command, about.
    private static let chunkBytes = 256 << 10
    private static let fieldPrefix = "."

    package nonisolated func announce(_ commit: LiveCommit) {
        perform { $0.send(commit) }
    }

    private func send(_ commit: LiveCommit) {
        let notice = commit.notice
        var command = call(of: .commit, keys: [keys.manifest(notice.room), keys.changes(notice.room)])
        command.add(keys.news(notice.room))
        command.add { Envelope.seal(notice, in: &$0) }
        command.add(notice.epoch.text)
        command.add(notice.base.number)
        command.add(notice.revision.number)
        command.add(Int(settings.manifestTerm.seconds))
        command.add(settings.keptChanges)
        command.add(commit.fields.count)
        for field in commit.fields {
            command.add(Self.fieldPrefix + field.name)
            command.add(field.value)
        }
        for change in notice.changes { command.add(change) }
        issue(command) { rooms, result in
            switch result {
            case .success(.integer(0)), .failure(.refused):
                rooms.listeners[notice.server]?.offer(.outOfStep(notice.room))
            // When it is away, an interruption is told at its return.
            case .success, .failure: break
            }
        }
    }

    package nonisolated func store(_ manifest: LiveManifest) {
        perform { $0.stage(manifest) }
    }

    /// Written beside the manifest piece by piece, so that Redis serves others in between, and put in place in one step.
    private func stage(_ manifest: LiveManifest) {
        let room = manifest.room
        lastStaged += 1
        let staged = keys.staged(room, lastStaged)
        var command = RedisCommand("HSET", staged, "epoch", manifest.epoch.text, "revision")
        command.add(manifest.revision.number)
        issue(command)
        issue(RedisCommand("EXPIRE", staged, "60"))
        let fields = Dictionary(manifest.fields.map { ($0.name, $0.value) }) { $1 }
        command = RedisCommand("HSET", staged)
        var isEmpty = true
        for (name, value) in fields {
            command.add(Self.fieldPrefix + name)
            command.add(value)
            isEmpty = false
            guard command.size > Self.chunkBytes else { continue }
            issue(command)
            command = RedisCommand("HSET", staged)
            isEmpty = true
        }
        if !isEmpty { issue(command) }
        var place = call(of: .replace, keys: [keys.manifest(room), keys.changes(room), staged])
        place.add(manifest.epoch.text)
        place.add(manifest.revision.number)
        place.add(fields.count + 2)
        place.add(Int(settings.manifestTerm.seconds))
        issue(place)
    }

    package func manifest(of room: RoomID) async -> LiveManifest? {
        guard let items = try? await ask(RedisCommand("HGETALL", keys.manifest(room))).get().arrayValue else {
            return nil
        }
        var epoch: Epoch?
        var revision: Revision?
        var fields: [LiveField] = []
        for at in stride(from: 0, to: items.count - 1, by: 2) {
            guard let name = items[at].textValue, let value = items[at + 1].bytesValue else { return nil }
            switch name {
            case "epoch": epoch = items[at + 1].textValue.flatMap { Epoch($0) }
            case "revision": revision = items[at + 1].integerValue.flatMap(Revision.init(wire:))
            case _ where name.hasPrefix(Self.fieldPrefix):
                fields.append(LiveField(name: String(name.dropFirst()), value: value))
            default: break
            }
        }
        guard let epoch, let revision else { return nil }
        return LiveManifest(room: room, epoch: epoch, revision: revision, fields: fields)
    }

    package func changes(of room: RoomID, after revision: Revision, in epoch: Epoch) async -> [[UInt8]]? {
        var command = call(of: .changesAfter, keys: [keys.manifest(room), keys.changes(room)])
        command.add(epoch.text)
        command.add(revision.number)
        guard let reply = try? await ask(command).get().arrayValue, reply.count == 2,
            let live = reply[0].integerValue, let entries = reply[1].arrayValue,
            entries.count == live - revision.number
        else { return nil }
        // The stream ends at the live revision and has no gaps: so many entries are those asked for.
        var changes: [[UInt8]] = []
        for entry in entries {
            guard let parts = entry.arrayValue, parts.count == 2, let fields = parts[1].arrayValue, fields.count == 2,
                let change = fields[1].bytesValue
            else { return nil }
            changes.append(change)
        }
        return changes
    }

    package nonisolated func forget(_ room: RoomID) {
        perform { rooms in
            rooms.issue(RedisCommand("UNLINK", rooms.keys.manifest(room), rooms.keys.changes(room)))
        }
    }
}
