"""The faults of a round: each inflicts, holds and heals, and says what it did."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random

from .processes import Process
from .world import RoomServer, World

Fault = Callable[[World, Random], Awaitable[str]]


async def nothing(world: World, random: Random) -> str:
    await asyncio.sleep(random.uniform(0.2, 0.5))
    return ""


async def cut_connections(world: World, random: Random) -> str:
    chosen = random.sample(world.proxies, k=max(1, len(world.proxies) // 2))
    for _ in range(random.randint(1, 3)):
        for proxy in chosen:
            proxy.cut()
        await asyncio.sleep(random.uniform(0.05, 0.3))
    return f"{len(chosen)} ways"


async def stall_connections(world: World, random: Random) -> str:
    chosen = random.sample(world.proxies, k=max(1, len(world.proxies) // 3))
    for proxy in chosen:
        proxy.stall()
    await asyncio.sleep(random.uniform(0.2, 1.0))
    for proxy in chosen:
        if random.random() < 0.5:
            proxy.cut()
        proxy.heal()
    return f"{len(chosen)} ways"


async def slow_connections(world: World, random: Random) -> str:
    chosen = random.sample(world.proxies, k=max(1, len(world.proxies) // 2))
    for proxy in chosen:
        proxy.delay = random.uniform(0.01, 0.15)
    await asyncio.sleep(random.uniform(0.3, 0.8))
    for proxy in chosen:
        proxy.heal()
    return f"{len(chosen)} ways"


async def kill_server(world: World, random: Random) -> str:
    server: RoomServer = random.choice(world.servers)
    await server.kill()
    await asyncio.sleep(random.uniform(0, 0.4))
    await server.start()
    return server.process.name


async def kill_all_servers(world: World, random: Random) -> str:
    await asyncio.gather(*(server.kill() for server in world.servers))
    await asyncio.sleep(random.uniform(0, 0.3))
    await asyncio.gather(*(server.start() for server in world.servers))
    return f"{len(world.servers)} servers"


async def stop_server(world: World, random: Random) -> str:
    process = random.choice(world.servers).process
    return f"{process.name} {await _stop(process, random.uniform(0.3, 2.5)):.1f} s"


async def kill_redis(world: World, random: Random) -> str:
    assert world.redis
    await world.redis.process.kill()
    await asyncio.sleep(random.uniform(0, 0.8))
    await world.redis.process.start()
    return ""


async def stop_redis(world: World, random: Random) -> str:
    assert world.redis
    return f"{await _stop(world.redis.process, random.uniform(0.3, 3)):.1f} s"


async def flush_redis(world: World, random: Random) -> str:
    assert world.redis
    for _ in range(random.randint(1, 3)):
        await world.redis.flush()
        await asyncio.sleep(random.uniform(0, 0.2))
    return ""


async def kill_postgres(world: World, random: Random) -> str:
    assert world.postgres
    await world.postgres.process.kill()
    await asyncio.sleep(random.uniform(0, 0.5))
    await world.postgres.process.start()
    return ""


async def stop_postgres(world: World, random: Random) -> str:
    assert world.postgres
    return f"{await _stop(world.postgres.process, random.uniform(0.3, 2)):.1f} s"


async def terminate_postgres_sessions(world: World, random: Random) -> str:
    assert world.postgres
    for _ in range(random.randint(1, 3)):
        await world.postgres.terminate_all()
        await asyncio.sleep(random.uniform(0, 0.2))
    return ""


async def shut_s3(world: World, random: Random) -> str:
    assert world.s3
    await world.s3.door.close()
    await asyncio.sleep(random.uniform(0.2, 1.0))
    await world.s3.door.start()
    return ""


async def stop_s3(world: World, random: Random) -> str:
    assert world.s3
    return f"{await _stop(world.s3.process, random.uniform(0.3, 1.5)):.1f} s"


def outage(seconds: float) -> Fault:
    """All stores away at once for long, and what the servers say and take of memory meanwhile."""

    async def long_outage(world: World, _: Random) -> str:
        assert world.redis and world.postgres
        before = [server.resident_megabytes() for server in world.servers]
        await asyncio.gather(world.redis.process.kill(), world.postgres.process.kill())
        if world.s3:
            await world.s3.door.close()
        seen: set[str] = set()
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(5, left))
            # A look that is blocked for a while by S3's patience is not yet told of in the first half.
            if left < seconds / 2:
                seen |= {await server.readiness() for server in world.servers}
        after = [server.resident_megabytes() for server in world.servers]
        await asyncio.gather(world.redis.process.start(), world.postgres.process.start())
        if world.s3:
            await world.s3.door.start()
        grown = ", ".join(f"{old} to {new} MB" for old, new in zip(before, after, strict=True))
        return f"{seconds:.0f} s; readyz {' | '.join(sorted(seen))}; memory {grown}"

    return long_outage


async def kill_redis_and_server(world: World, random: Random) -> str:
    await asyncio.gather(kill_redis(world, random), kill_server(world, random))
    return ""


async def kill_postgres_and_redis(world: World, random: Random) -> str:
    await asyncio.gather(kill_postgres(world, random), kill_redis(world, random))
    return ""


async def kill_postgres_and_server(world: World, random: Random) -> str:
    await asyncio.gather(kill_postgres(world, random), kill_server(world, random))
    return ""


async def kill_server_and_cut(world: World, random: Random) -> str:
    await asyncio.gather(kill_server(world, random), cut_connections(world, random))
    return ""


async def _stop(process: Process, seconds: float) -> float:
    process.stop()
    await asyncio.sleep(seconds)
    process.resume()
    return seconds


EVERYWHERE: tuple[Fault, ...] = (
    nothing,
    cut_connections,
    stall_connections,
    slow_connections,
    kill_server,
    stop_server,
    kill_server_and_cut,
)
WITH_STORES: tuple[Fault, ...] = (
    kill_all_servers,
    kill_redis,
    stop_redis,
    flush_redis,
    kill_postgres,
    stop_postgres,
    terminate_postgres_sessions,
    kill_redis_and_server,
    kill_postgres_and_redis,
    kill_postgres_and_server,
)
WITH_S3: tuple[Fault, ...] = (shut_s3, stop_s3)


def schedule(world: World, rounds: int, random: Random) -> list[Fault]:
    """Every fault in turn, each turn shuffled: a long run inflicts each about equally often."""
    faults = EVERYWHERE + (() if world.embedded else WITH_STORES) + (WITH_S3 if world.s3 else ())
    chosen: list[Fault] = []
    while len(chosen) < rounds:
        chosen.extend(random.sample(faults, k=len(faults)))
    return chosen[:rounds]
