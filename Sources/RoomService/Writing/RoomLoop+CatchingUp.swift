import RoomCore
import RoomStorage

/// Reading what other servers wrote, in the same line as this server's own commits.
extension RoomLoop {
    func catchUpSoon() {
        mustCatchUp = true
        flushSoon()
    }

    /// Tries once more to read what another server wrote, where the record could not be read before.
    func catchUpAgain() {
        if mustCatchUp { flushSoon() }
    }

    /// Reads what the record has and this room has not; waits until that is done, or the record could not be read.
    func catchUpNow() async {
        await withCheckedContinuation { waiter in
            awaitingCatchUp.append(waiter)
            catchUpSoon()
        }
    }

    /// False when the record could not be read; the room then stays behind until the next try.
    func hasCaughtUp() async -> Bool {
        mustCatchUp = false
        let waiting = awaitingCatchUp
        awaitingCatchUp = []
        defer { for waiter in waiting { waiter.resume() } }
        do {
            try await catchUp()
            dependencies.outages.reads.succeeded()
            return true
        } catch {
            mustCatchUp = true
            dependencies.outages.reads.failed("\(error)")
            return false
        }
    }

    /// Reads what other servers wrote. A new epoch means the room was restored: its watchers must begin anew.
    ///
    /// While it waits for the record, notices may move the manifest on.
    func catchUp() async throws {
        let known = manifest.revision
        guard let head = try await dependencies.manifests.head(of: room) else { return delete() }
        guard head.epoch == manifest.epoch, head.revision >= known else { return try await reload() }
        while manifest.revision < head.revision {
            let page = try await archive.newChanges(of: room, after: manifest.revision, in: manifest.epoch)
            guard !page.isEmpty else { return try await reload() }
            for change in page where change.revision > manifest.revision {
                guard change.revision == manifest.revision.successor else { return try await reload() }
                fold(change)
            }
        }
    }

    private func reload() async throws {
        guard let loaded = try await archive.load(room) else { return delete() }
        if loaded.manifest.epoch == manifest.epoch, loaded.manifest.revision < manifest.revision { mustCatchUp = true }
        manifest = loaded.manifest
        access = nil
        lastSnapshotRevision = loaded.snapshotRevision
        tail.clear()
        for watcher in watchers {
            watcher.outbox.channel.close(.unavailable)
            remove(watcher)
        }
    }
}
