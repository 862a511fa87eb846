"""Restore of a whole record, from PostgreSQL and from S3 alone, beside psql's copy of the same rows."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from measures import NOTES_BYTES, Bench
from servers import ON_LOAD_CORE, ON_SERVER_CORE, START_SECONDS, Fault, RoomServer, load, room_server_environment
from stores_measures import Stores
from stores_servers import S3, has_moto, run

ROOMS, MODELS = 1000, 100
# In the order that the references between them ask for.
TABLES = ("users", "rooms", "members", "changes")
RESTORE_SECONDS = 1200


def what_s3_lacks(room_server: Path) -> str | None:
    """Why a restore from S3 cannot be measured; None when it can."""
    answer = subprocess.run([str(room_server), "--help"], capture_output=True, text=True)
    if not {"backup", "restore"} <= set(re.findall(r"^  (\w+)", answer.stdout, re.MULTILINE)):
        return "this room-server has no commands backup and restore"
    return None if has_moto() else "there is no moto_server (PyPI moto[server])"


class FullRecord(AbstractContextManager):
    """1,000 rooms with 100 models each, in PostgreSQL and in files of psql's, made once; and an S3 server."""

    def __init__(self, bench: Bench, stores: Stores):
        self.bench, self.stores = bench, stores
        self.folder = bench.work / "rows"
        self.data = stores.rooms(bench, "whole", rooms=1)
        with self.data.server() as server:
            load(bench.programs["ws_load"], server.port, "fill", sockets=1, models=1, register=self.data.lines,
                 bytes=NOTES_BYTES)
        self._write_rows()
        self.data.write_lines({"room_id": room_id(room), "jwt": self.data.accounts[0]["jwt"]} for room in range(ROOMS))
        self.rows = self._copy_to_files()
        self.s3 = None
        with ExitStack() as held:
            if what_s3_lacks(bench.room_server) is None:
                self.s3 = held.enter_context(S3(bench.work / "s3"))
            self.held = held.pop_all()

    def _write_rows(self) -> None:
        """The rooms like the one that the server made, the changes like the one publication it recorded."""
        made = self.data.accounts[0]["room_id"]
        psql = self.stores.postgres.psql
        columns = psql("whole", "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
                       " WHERE table_name = 'rooms' AND column_name NOT IN ('id', 'name', 'revision')")
        psql("whole", f"INSERT INTO rooms (id, name, revision, {columns})"
             f" SELECT 'bench-' || lpad(n::text, 6, '0'), 'bench ' || n, {MODELS}, {columns}"
             f" FROM rooms, generate_series(0, {ROOMS - 1}) AS n WHERE id = '{made}'")
        psql("whole", "INSERT INTO members (room_id, user_id, role, joined_at)"
             " SELECT r.id, m.user_id, m.role, m.joined_at FROM rooms AS r, members AS m"
             f" WHERE m.room_id = '{made}' AND r.id LIKE 'bench-%'")
        template = psql("whole", "SELECT row_to_json(c) FROM (SELECT at, append_id, kind, convert_from(body, 'UTF8')"
                        " AS body FROM changes WHERE kind = 'published') AS c")
        filling = subprocess.Popen(
            ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.stores.postgres.url_of("whole"), "-c",
             "\\copy changes (room_id, revision, at, append_id, kind, model_id, body) from stdin"],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with filling.stdin:
            filling.stdin.writelines(_change_lines(json.loads(template)))
        if filling.wait() != 0:
            raise Fault(f"psql: {filling.stderr.read().strip()}")
        psql("whole", "VACUUM (ANALYZE, FREEZE)")
        psql("whole", "CHECKPOINT")

    def file_of(self, table: str) -> Path:
        return self.folder / f"{table}.copy"

    def _copy_to_files(self) -> int:
        self.folder.mkdir()
        for table in TABLES:
            self.stores.postgres.psql("whole", f"\\copy {table} to '{self.file_of(table)}'")
        return sum(self.file_of(table).stat().st_size for table in TABLES)

    def command(self, name: str, data: Path, stores: dict[str, str]) -> float:
        """Runs `room-server NAME` to its end, and returns how long that took."""
        started = time.monotonic()
        run(ON_SERVER_CORE + [str(self.bench.room_server), name, "--data", str(data)], f"room-server {name}",
            env=room_server_environment(stores), timeout=RESTORE_SECONDS)
        return time.monotonic() - started

    def __exit__(self, *_: object) -> None:
        self.held.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def room_id(number: int) -> str:
    return f"bench-{number:06d}"


def _change_lines(template: dict) -> Iterator[str]:
    """Lines of COPY's text format: each room's publications, every one of a model of its own."""
    for model in range(1, MODELS + 1):
        identity = f"{model:08x}"
        body = json.loads(template["body"].replace("00000001", identity))
        body["revision"] = model
        for field in ("version", "revision", "created_revision"):
            if field in body["after"]:
                body["after"][field] = model
        template[model] = "\\\\x" + json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode().hex()
    for room in range(ROOMS):
        for model in range(1, MODELS + 1):
            yield "\t".join([room_id(room), str(model), str(template["at"]), str(template["append_id"]),
                             template["kind"], f"{model:08x}", template[model]]) + "\n"


def restore_round(bench: Bench, record: FullRecord, number: int) -> dict[str, dict]:
    """Each thing once; a result names the peer it is compared with.

    Every round has a prefix of the bucket to itself: the first backup is one, and what is restored is what that backup
    left, not what a restored server wrote on top of it.
    """
    results, bucket = {}, {}
    if record.s3 is not None:
        bucket = record.s3.environment() | {"SLEAP_ROOMS_S3_PREFIX": f"round-{number}"}
        seconds = record.command("backup", record.data.path, record.data.stores | bucket)
        results["room-server, first backup"] = _result(seconds, record.rows, "psql copy to /dev/null")
    record.stores.redis.say("FLUSHALL")
    # Nothing is left to be backed up: the server that is read from has no other work.
    seconds, size = _read_all(bench, record, record.data.path, record.data.stores | bucket)
    results["room-server, start to all rooms read"] = _result(seconds, size, "psql copy to /dev/null")
    results["psql copy to /dev/null"] = _result(_copy_out(record), record.rows)
    results["psql copy from files"] = _result(_copy_in(record), record.rows)
    if record.s3 is not None:
        seconds = _restore(bench, record, bucket)
        results["room-server, S3 to ready"] = _result(seconds, record.rows, "psql copy from files")
    return results


def _result(seconds: float, size: int, base: str | None = None) -> dict:
    return {"seconds": seconds, "bytes": size, "base": base}


def _serve(bench: Bench, data: Path, stores: dict[str, str]) -> RoomServer:
    return RoomServer(bench.room_server, data, bench.work / "room-server.log", stores)


def _read_all(bench: Bench, record: FullRecord, data: Path, stores: dict[str, str]) -> tuple[float, int]:
    """From the start of the process until a peer in each room has listed a model of it; bytes of the answers."""
    started = time.monotonic()
    with _serve(bench, data, stores) as server:
        result = load(bench.programs["ws_load"], server.port, "list", sockets=ROOMS, models=MODELS,
                      register=record.data.lines)
        seconds = time.monotonic() - started
    if result["frames"] != ROOMS:
        raise Fault(f"{result['frames']} of {ROOMS} rooms were listed")
    return seconds, result["answer_bytes"]


def _copy_out(record: FullRecord) -> float:
    started = time.monotonic()
    run(ON_LOAD_CORE + ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", record.stores.postgres.url_of("whole"),
                        "-c", "\\copy (SELECT * FROM changes ORDER BY room_id, revision) to '/dev/null'"], "psql")
    return time.monotonic() - started


def _copy_in(record: FullRecord) -> float:
    """Into the record's own tables, which a migration has made in an empty database."""
    url = record.stores.postgres.create("copied")
    environment = room_server_environment(record.stores.environment("copied"))
    run([str(record.bench.room_server), "migrate", "--data", str(record.bench.work / "copied")], "migrate",
        env=environment, timeout=START_SECONDS)
    copies = [word for table in TABLES for word in ("-c", f"\\copy {table} from '{record.file_of(table)}'")]
    started = time.monotonic()
    run(ON_LOAD_CORE + ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, *copies], "psql")
    seconds = time.monotonic() - started
    record.stores.postgres.psql("postgres", "DROP DATABASE copied WITH (FORCE)")
    return seconds


def _restore(bench: Bench, record: FullRecord, bucket: dict[str, str]) -> float:
    """From the start of `room-server restore` over an empty database until a server on that is ready."""
    record.stores.postgres.create("restored")
    record.stores.redis.say("FLUSHALL")
    data, stores = bench.work / "restored", record.stores.environment("restored") | bucket
    started = time.monotonic()
    record.command("restore", data, stores)
    with _serve(bench, data, stores):
        seconds = time.monotonic() - started
    found = record.stores.postgres.psql("restored", "SELECT count(*) FROM rooms WHERE id LIKE 'bench-%'")
    if int(found) != ROOMS:
        raise Fault(f"{found} of {ROOMS} rooms were restored")
    _read_all(bench, record, data, stores)  # Not timed: all their models are there.
    record.stores.postgres.psql("postgres", "DROP DATABASE restored WITH (FORCE)")
    return seconds
