import RoomStorage

extension RedisLiveRooms {
    func loadScripts(on connection: RedisConnection) async throws(RedisFault) {
        for script in RedisScript.allCases {
            let reply = try await connection.call(RedisCommand("SCRIPT", "LOAD", script.text))
            guard let digest = reply.textValue else { throw .unreadable("SCRIPT LOAD gives no digest") }
            digests[script] = digest
        }
    }

    /// The call of a script; its arguments are added by the caller.
    func call(of script: RedisScript, keys: [String]) -> RedisCommand {
        var command = RedisCommand("EVALSHA", digests[script] ?? "", String(keys.count))
        for key in keys { command.add(key) }
        return command
    }

    /// Sends a command if Redis can be reached; `answer` hears a fault when it could not or was refused.
    func issue(
        _ command: RedisCommand,
        answer: @escaping @Sendable (isolated RedisLiveRooms, Result<RedisReply, RedisFault>) -> Void = { _, _ in }
    ) {
        guard let commands else { return answer(self, .failure(.closed)) }
        tally.withLock { $0.commands += 1 }
        commands.assumeIsolated { commands in
            commands.send(command) { [weak self] result in self?.assumeIsolated { $0.hear(result, answer) } }
        }
    }

    private func hear(
        _ result: Result<RedisReply, RedisFault>,
        _ answer: (isolated RedisLiveRooms, Result<RedisReply, RedisFault>) -> Void
    ) {
        guard case .success(.error(let text)) = result else { return answer(self, result) }
        let fault = RedisFault(reply: text)
        heed(fault)
        answer(self, .failure(fault))
    }

    /// A command's reply, or why there is none.
    func ask(_ command: RedisCommand) async -> Result<RedisReply, RedisFault> {
        await withCheckedContinuation { continuation in
            issue(command) { _, result in continuation.resume(returning: result) }
        }
    }
}

extension RedisLiveRooms {
    /// Whether a command is sent at all.
    var isConnected: Bool { commands?.assumeIsolated { $0.connection != nil } ?? false }
}
