/// What must happen in one step inside Redis.
///
/// A script that writes and publishes does the first write by `pcall`: a Redis that is full or takes no writes refuses
/// it, nothing is changed, and the word still goes out.
enum LiveScripts {
    static let all = [commit, store, changes, enter, leave, renew, lease, servers, sweep, append]

    /// KEYS manifest, changes; ARGV channel, notice, epoch, base, revision, term, kept, count of changes (-1: a gap),
    /// changes…, then name, value… Gives whether it was applied, and the error that prevented it.
    static let commit = RedisScript(
        """
        local applied, fault = 0, ''
        local now = redis.call('HMGET', KEYS[1], 'epoch', 'revision')
        if now[1] == ARGV[3] and now[2] == ARGV[4] then
            local done = redis.pcall('HSET', KEYS[1], 'revision', ARGV[5])
            if type(done) == 'table' and done.err then
                fault = done.err
            else
                applied = 1
                local count = tonumber(ARGV[8])
                for i = 9 + math.max(count, 0), #ARGV, 1000 do
                    redis.call('HSET', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV)))
                end
                if count < 0 then redis.call('DEL', KEYS[2]) end
                for i = 1, count do
                    local id = string.format('%.0f-0', tonumber(ARGV[4]) + i)
                    local added = redis.pcall('XADD', KEYS[2], 'MAXLEN', ARGV[7], id, 'c', ARGV[8 + i])
                    if type(added) == 'table' and added.err then
                        redis.call('DEL', KEYS[2])
                        break
                    end
                end
                redis.call('PEXPIRE', KEYS[1], ARGV[6])
                redis.call('PEXPIRE', KEYS[2], ARGV[6])
            end
        end
        redis.call('PUBLISH', ARGV[1], ARGV[2])
        return {applied, fault}
        """)

    /// KEYS manifest, changes, staged manifest; ARGV epoch, revision, count of staged fields, term.
    static let store = RedisScript(
        """
        if redis.call('HLEN', KEYS[3]) ~= tonumber(ARGV[3]) then
            redis.call('UNLINK', KEYS[3])
            return -1
        end
        local now = redis.call('HMGET', KEYS[1], 'epoch', 'revision')
        if now[1] == ARGV[1] and now[2] and tonumber(now[2]) >= tonumber(ARGV[2]) then
            redis.call('UNLINK', KEYS[3])
            return 0
        end
        redis.call('RENAME', KEYS[3], KEYS[1])
        redis.call('UNLINK', KEYS[2])
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        return 1
        """)

    /// KEYS manifest, changes; ARGV epoch, revision. Gives the live revision and the changes after the one named.
    static let changes = RedisScript(
        """
        local now = redis.call('HMGET', KEYS[1], 'epoch', 'revision')
        if now[1] ~= ARGV[1] or not now[2] then return false end
        local first = string.format('%.0f-0', tonumber(ARGV[2]) + 1)
        local bodies = {}
        for i, entry in ipairs(redis.call('XRANGE', KEYS[2], first, '+')) do bodies[i] = entry[2][2] end
        return {now[2], bodies}
        """)

    /// KEYS peers; ARGV peer, entry, term, channel, word.
    static let enter = RedisScript(
        """
        local done = redis.pcall('HSET', KEYS[1], ARGV[1], ARGV[2])
        local fault = type(done) == 'table' and done.err or ''
        if fault == '' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
        redis.call('PUBLISH', ARGV[4], ARGV[5])
        return {fault == '' and 1 or 0, fault}
        """)

    /// KEYS peers; ARGV peer, length and bytes of the session, channel, word. Told also when the entry was lost.
    static let leave = RedisScript(
        """
        local entry = redis.call('HGET', KEYS[1], ARGV[1])
        if entry and string.sub(entry, 9, 8 + #ARGV[2]) ~= ARGV[2] then return 0 end
        redis.pcall('HDEL', KEYS[1], ARGV[1])
        redis.call('PUBLISH', ARGV[3], ARGV[4])
        return 1
        """)

    /// KEYS peers; ARGV term, then peer, entry… An entry of another session that is not older stays.
    static let renew = RedisScript(
        """
        local function outranks(old, new)
            local a, b, c, d = string.byte(new, 9, 12)
            local last = 12 + ((a * 256 + b) * 256 + c) * 256 + d
            if string.sub(old, 9, last) == string.sub(new, 9, last) then return false end
            for i = 1, 8 do
                local x, y = string.byte(old, i) or 0, string.byte(new, i)
                if x ~= y then return x > y end
            end
            return true
        end
        for i = 2, #ARGV, 2 do
            local old = redis.call('HGET', KEYS[1], ARGV[i])
            if not old or (old ~= ARGV[i + 1] and not outranks(old, ARGV[i + 1])) then
                redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
            end
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        return 1
        """)

    /// KEYS servers; ARGV server, term. By the clock of Redis, so that servers need not agree on theirs.
    static let lease = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 86400000)
        return 1
        """)

    /// KEYS servers. Those that live.
    static let servers = RedisScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf')
        """)

    /// KEYS peers; ARGV peer, entry… Removes entries that are still as they were read.
    static let sweep = RedisScript(
        """
        for i = 1, #ARGV, 2 do
            if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
        end
        return 1
        """)

    /// KEYS buffer; ARGV item, limit, term. Gives the item's number.
    static let append = RedisScript(
        """
        local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
        local number = 1
        if last[1] then number = tonumber(string.match(last[1][1], '^(%d+)')) + 1 end
        redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], string.format('%.0f-0', number), 'c', ARGV[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return number
        """)
}
