/// What must happen in one step, in Redis's Lua. Every script names the keys it touches, all of one slot.
enum RedisScript: CaseIterable, Sendable {
    case commit, replace, changesAfter
    case enter, leave, enterAnew, removeDead
    case renewLease, livingServers
    case append

    var text: String {
        switch self {
        case .commit: Self.commitText
        case .replace: Self.replaceText
        case .changesAfter: Self.changesAfterText
        case .enter: Self.enterText
        case .leave: Self.leaveText
        case .enterAnew: Self.enterAnewText
        case .removeDead: Self.removeDeadText
        case .renewLease: Self.renewLeaseText
        case .livingServers: Self.livingServersText
        case .append: Self.appendText
        }
    }

    /// KEYS manifest, changes. ARGV channel, notice, epoch, base, revision, seconds, kept changes, number of fields,
    /// then name and value of each, then the changes. 1 when the manifest moved.
    ///
    /// Told first and in any case: the commit is durable, whatever this store holds or has room for.
    private static let commitText = """
        redis.call('PUBLISH', ARGV[1], ARGV[2])
        local stamp = redis.call('HMGET', KEYS[1], 'epoch', 'revision')
        if stamp[1] ~= ARGV[3] or stamp[2] ~= ARGV[4] then return 0 end
        local at = 9
        for _ = 1, tonumber(ARGV[8]) do
          redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
          at = at + 2
        end
        local base = tonumber(ARGV[4])
        if #ARGV - at + 1 == tonumber(ARGV[5]) - base then
          for i = at, #ARGV do
            local id = string.format('%.0f-0', base + i - at + 1)
            redis.call('XADD', KEYS[2], 'MAXLEN', ARGV[7], id, 'c', ARGV[i])
          end
        else
          redis.call('DEL', KEYS[2])
        end
        redis.call('HSET', KEYS[1], 'revision', ARGV[5])
        redis.call('EXPIRE', KEYS[1], ARGV[6])
        redis.call('EXPIRE', KEYS[2], ARGV[6])
        return 1
        """

    /// KEYS manifest, changes, staged manifest. ARGV epoch, revision, number of the staged hash's fields, seconds.
    private static let replaceText = """
        local stamp = redis.call('HMGET', KEYS[1], 'epoch', 'revision')
        if stamp[1] == ARGV[1] and tonumber(stamp[2]) >= tonumber(ARGV[2]) then
          redis.call('UNLINK', KEYS[3])
          return 0
        end
        if redis.call('HLEN', KEYS[3]) ~= tonumber(ARGV[3]) then
          redis.call('UNLINK', KEYS[3])
          return -1
        end
        redis.call('RENAME', KEYS[3], KEYS[1])
        redis.call('EXPIRE', KEYS[1], ARGV[4])
        redis.call('DEL', KEYS[2])
        return 1
        """

    /// KEYS manifest, changes. ARGV epoch, revision. The manifest's revision and the changes after that asked for.
    private static let changesAfterText = """
        local stamp = redis.call('HMGET', KEYS[1], 'epoch', 'revision')
        if stamp[1] ~= ARGV[1] then return false end
        return {stamp[2], redis.call('XRANGE', KEYS[2], '(' .. ARGV[2] .. '-0', '+')}
        """

    /// KEYS peers. ARGV channel, news, peer, stored peer, seconds.
    private static let enterText = """
        redis.call('PUBLISH', ARGV[1], ARGV[2])
        redis.call('HSET', KEYS[1], ARGV[3], ARGV[4])
        redis.call('EXPIRE', KEYS[1], ARGV[5])
        return 1
        """

    /// KEYS peers. ARGV channel, news, peer, how its stored form begins. 1 when it was there.
    private static let leaveText = """
        local stored = redis.call('HGET', KEYS[1], ARGV[3])
        if not stored or string.sub(stored, 1, #ARGV[4]) ~= ARGV[4] then return 0 end
        redis.call('HDEL', KEYS[1], ARGV[3])
        redis.call('PUBLISH', ARGV[1], ARGV[2])
        return 1
        """

    /// KEYS peers. ARGV seconds, then peer and stored peer of each that is entered unless one is there.
    private static let enterAnewText = """
        for i = 2, #ARGV, 2 do redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) end
        return redis.call('EXPIRE', KEYS[1], ARGV[1])
        """

    /// KEYS peers. ARGV peer and stored peer of each that is removed if it is still that one.
    private static let removeDeadText = """
        for i = 1, #ARGV, 2 do
          if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
        end
        return 1
        """

    /// KEYS servers. ARGV server, milliseconds, milliseconds after which the dead are forgotten.
    /// 1 when the server was known.
    private static let renewLeaseText = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
        redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - ARGV[3]))
        redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[3] + ARGV[2]))
        return known and 1 or 0
        """

    /// KEYS servers.
    private static let livingServersText = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        return redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
        """

    /// KEYS buffer. ARGV item, limit, milliseconds. The item's number.
    private static let appendText = """
        local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
        local number = 1
        if last[1] then number = tonumber(string.match(last[1][1], '^%d+')) + 1 end
        redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], string.format('%.0f-0', number), 'i', ARGV[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return number
        """
}
