"""One round of each measurement on real stores: PostgreSQL that syncs its commits, and Redis.

Room servers run on the first core and the load on the second, as everywhere here; the stores and `pgbench` on any. The
Redis that is a peer runs on the first core.
"""

import json
import re
import subprocess
import tempfile
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from measures import DEPTHS, NOTES_BYTES, ROOMS, SOCKETS, Bench, RoomData, frames, writes_of
from servers import ON_LOAD_CORE, Fault, RoomServer, load
from stores_servers import Postgres, Redis, run

MODELS = 200
# Publications a second of the watch measurement; 0: one at a time.
RATES = (0, 200)
# What may be published and not yet heard of, at a rate.
OUTSTANDING = 1024
WARM_UP_SECONDS = 4
GETS_PER_SECOND = {1: 30_000, 16: 300_000}
PEER_TABLE = "peer_changes"


@dataclass
class Stores(AbstractContextManager):
    """The stores of a run, and what tells a room server of them."""

    work: Path

    def __enter__(self) -> "Stores":
        with ExitStack() as held:
            self.postgres = held.enter_context(Postgres(self.work / "postgres"))
            self.redis = held.enter_context(Redis(self.work / "redis"))
            self.key = self.work / "jwt.pem"
            run(["openssl", "genrsa", "-out", str(self.key), "2048"], "openssl")
            self.held = held.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.held.close()

    def environment(self, database: str) -> dict[str, str]:
        """One key for all servers, so that what one signs the others take; and no limit on requests."""
        return {"SLEAP_ROOMS_DATABASE_URL": self.postgres.url_of(database), "SLEAP_ROOMS_REDIS_URL": self.redis.url,
                "SLEAP_ROOMS_JWT_PRIVATE_KEY_FILE": str(self.key), "SLEAP_ROOMS_REQUESTS_PER_S": "1000000"}

    def rooms(self, bench: Bench, database: str, rooms: int = ROOMS) -> RoomData:
        """Rooms in a new database, and nothing in Redis."""
        self.postgres.create(database)
        self.redis.say("FLUSHALL")
        return RoomData(bench, bench.work / database, rooms, self.environment(database))

    def newest_body(self, database: str) -> bytes:
        """What the server keeps of its last publication."""
        text = self.postgres.psql(
            database, "SELECT encode(body, 'hex') FROM changes WHERE kind = 'published' ORDER BY at DESC LIMIT 1")
        if not text:
            raise Fault("the record has no publication")
        return bytes.fromhex(text)

    def make_peer_table(self, database: str) -> None:
        """The columns, defaults, checks and indexes of the record's changes; without the reference to rooms."""
        self.postgres.psql(database, f"CREATE TABLE {PEER_TABLE} (LIKE changes INCLUDING ALL)")


def durable_round(bench: Bench, stores: Stores) -> dict[str, dict]:
    """Durable publications, and then pgbench inserting rows of the same bytes into the same PostgreSQL."""
    with stores.rooms(bench, "durable") as data:
        with data.server() as server:
            before = writes_of(server.metrics())
            served = frames(bench, server, "publish", register=data.lines, bytes=NOTES_BYTES)
            writes, commits, _ = (after - first for after, first in zip(writes_of(server.metrics()), before))
        body = stores.newest_body("durable")
        served |= {"rows_per_s": served["frames_per_s"], "body_bytes": len(body),
                   "rows_per_commit": writes / commits if commits else None}
        return {"room-server publish": served, "pgbench": _pgbench(bench, stores, body)}


def _pgbench(bench: Bench, stores: Stores, body: bytes) -> dict:
    stores.make_peer_table("durable")
    script = bench.work / "insert.sql"
    # `n` counts up in each client; its rooms and revisions are as many and as unique as the record's.
    literal = "'" + "".join(chr(byte) if 32 <= byte < 127 and byte not in b"\\'" else f"\\{byte:03o}"
                            for byte in body) + "'::bytea"
    script.write_text(
        "\\set n :n + 1\n"
        f"INSERT INTO {PEER_TABLE} (room_id, revision, at, append_id, kind, model_id, other_model_id, alias, body)"
        f" VALUES (to_hex(3197894656 + :client_id % {ROOMS}), :client_id::bigint * 100000000 + :n,"
        " (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, 0, 'published',"
        f" lpad(to_hex(:client_id * 1000000 + :n), 8, '0'), NULL, NULL, {literal});\n")
    command = ["pgbench", "-n", "-c", str(SOCKETS), "-j", "2", "-T", str(ceil(bench.seconds)), "-D", "n=0",
               "-f", str(script), stores.postgres.url_of("durable")]
    answer = run(command, "pgbench")
    rate, latency = (re.search(rf"^{name} = ([\d.]+)", answer, re.MULTILINE) for name in ("tps", "latency average"))
    if rate is None or latency is None:
        raise Fault(f"pgbench said {answer!r}")
    stored = stores.postgres.psql("durable", f"SELECT length(body) FROM {PEER_TABLE} LIMIT 1")
    return {"rows_per_s": float(rate[1]), "body_bytes": int(stored), "rows_per_commit": 1.0,
            "latency_us": {"mean": float(latency[1]) * 1000}}


def watch_round(bench: Bench, stores: Stores) -> dict[tuple[str, int], dict]:
    """From a publication on one server to its event on the other; and a commit and a Redis message, bare."""
    results = {}
    with stores.rooms(bench, "watch") as data, data.server() as first:
        # New each round, as the database is: the backups that an earlier one left there are another installation's.
        second_data = Path(tempfile.mkdtemp(prefix="watch-second-", dir=bench.work))
        with RoomServer(bench.room_server, second_data, bench.work / "room-server.log", data.stores) as second:
            # A server that has just started hears of others only after a while: that is told apart.
            opening = _watch(bench, data, first, second, WARM_UP_SECONDS, 0)
            body = bench.work / "body"
            body.write_bytes(stores.newest_body("watch"))
            stores.make_peer_table("watch")
            for rate in RATES:
                results["room-servers", rate] = _watch(bench, data, first, second, bench.seconds, rate)
                results["room-servers", rate]["first_us"] = opening["first_us"]
                results["INSERT, PUBLISH", rate] = _commit_publish(bench, stores, body, rate)
    for row, result in results.items():
        if result["frames"] == 0:
            raise Fault(f"{row[0]}: nothing arrived at {row[1]}/s")
        result |= {"p50": result["latency_us"]["p50"], "p99": result["latency_us"]["p99"]}
    return results


def _watch(
    bench: Bench, data: RoomData, first: RoomServer, second: RoomServer, seconds: float, rate: int
) -> dict:
    options = {"rate": rate, "depth": OUTSTANDING} if rate else {}
    return load(bench.programs["ws_load"], first.port, "watch", sockets=2, seconds=seconds, register=data.lines,
                watch_port=second.port, bytes=NOTES_BYTES, **options)


def _commit_publish(bench: Bench, stores: Stores, body: Path, rate: int) -> dict:
    command = ON_LOAD_CORE + [str(bench.programs["commit_publish"]), stores.postgres.url_of("watch"), PEER_TABLE]
    command += [str(stores.redis.port), str(body), str(bench.seconds), str(rate)]
    return json.loads(run(command, "commit_publish", stdin=subprocess.DEVNULL))


def lookup_round(bench: Bench, stores: Stores) -> dict[tuple[str, int], dict]:
    """get_model_info of a room with 200 models, and Redis HGET of values as long as the answers."""
    results = {}
    with stores.rooms(bench, "lookup", rooms=1) as data, data.server() as server:
        data.write_lines(data.accounts * SOCKETS)
        load(bench.programs["ws_load"], server.port, "fill", sockets=1, depth=16, models=MODELS, register=data.lines,
             bytes=NOTES_BYTES)
        with Redis(bench.work / "redis-peer", on_server_core=True) as redis:
            for depth in DEPTHS:
                served = frames(bench, server, "lookup", depth=depth, models=MODELS, register=data.lines)
                served["answer_bytes"] = round(served["answer_bytes"] / (served["frames"] + served["errors"]))
                results["room-server", depth] = served
                results["redis-benchmark HGET", depth] = _gets(bench, redis, depth, served["answer_bytes"])
    return results


def _gets(bench: Bench, redis: Redis, depth: int, size: int) -> dict:
    redis.say("HSET", "models", *(word for number in range(MODELS) for word in (f"{number:012d}", "x" * size)))
    count = int(GETS_PER_SECOND[depth] * bench.seconds)
    return {"frames_per_s": redis.gets_per_second("models", MODELS, depth, count), "answer_bytes": size, "errors": 0}
