"""One round of each measurement. What is compared runs side by side within the round."""

import json
import shutil
import sqlite3
import subprocess
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable

from servers import ON_SERVER_CORE, Fault, IdleSockets, RoomServer, Server, bootstrap, echo_server, load

ROOMS = 16
SOCKETS = 64
DEPTHS = (1, 16)
PEER_IDLE_SOCKETS = 5000
NOTES_BYTES = 600
DEFAULT_BATCH = 16


@dataclass
class Bench:
    """What there is to run, and how long."""

    programs: dict[str, Path]
    work: Path
    seconds: float
    idle_sockets: int
    batch: int | None
    echo_server: Path | None
    room_server: Path | None
    python: Path | None

    def echoes(self) -> dict[str, Callable[[], Server]]:
        """The echo servers at hand, the C one first."""
        log = self.work / "servers.log"
        makers = {"C epoll": lambda: echo_server([str(self.programs["epoll_echo"]), "0"], log)}
        if self.echo_server:
            makers["EchoServer"] = lambda: echo_server([str(self.echo_server), "0", "1"], log)
        if self.python:
            script = Path(__file__).parent / "ws_echo.py"
            makers["Python websockets"] = lambda: echo_server([str(self.python), str(script), "0"], log)
        return makers

    def rooms(self, name: str) -> "RoomData":
        return RoomData(self, self.work / name)


class RoomData(AbstractContextManager):
    """A data directory with rooms, and the register message of every socket; removed at the end."""

    def __init__(self, bench: Bench, path: Path, rooms: int = ROOMS, stores: dict[str, str] | None = None):
        self.bench, self.path, self.stores = bench, path, stores
        self.lines = path.with_suffix(".lines")
        self.accounts = bootstrap(bench.room_server, path, rooms, stores)
        sockets = range(max(SOCKETS, bench.idle_sockets))
        # Sockets 2i and 2i + 1 meet in a room.
        self.write_lines(self.accounts[number // 2 % rooms] for number in sockets)

    def write_lines(self, accounts: Iterable[dict[str, str]]) -> None:
        """Who the first, second… socket is, and in which room."""
        with open(self.lines, "w") as lines:
            for number, account in enumerate(accounts):
                message = {"type": "register", "peer_id": f"p{number}", "room_id": account["room_id"], "role": "client",
                           "jwt": account["jwt"], "capabilities": ["registry/1"]}
                lines.write(json.dumps(message, separators=(",", ":")) + "\n")

    def server(self) -> RoomServer:
        return RoomServer(self.bench.room_server, self.path, self.bench.work / "room-server.log", self.stores)

    def mean_body_bytes(self) -> int | None:
        try:
            with sqlite3.connect(f"file:{self.path / 'record.sqlite'}?mode=ro", uri=True) as record:
                return round(record.execute("SELECT avg(length(body)) FROM changes").fetchone()[0])
        except (sqlite3.Error, TypeError):
            return None

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def frames(bench: Bench, server: Server, mode: str, **options: object) -> dict:
    result = load(bench.programs["ws_load"], server.port, mode, sockets=SOCKETS, seconds=bench.seconds,
                  cpu_of=server.pid, **options)
    if result["frames"] == 0:
        raise Fault(f"{server.name}: no frame came back; see {server.log}")
    result["cpu_us_per_frame"] = result["server_cpu_s"] / result["frames"] * 1e6
    result["server_busy"] = result["server_cpu_s"] / result["seconds"]
    result["load_busy"] = result["load_cpu_s"] / result["seconds"]
    return result


def echo_round(bench: Bench) -> dict[tuple[str, int], dict]:
    """CPU per echoed frame, by server and depth."""
    results = {}
    for depth in DEPTHS:
        for name, make in bench.echoes().items():
            with make() as server:
                mode = "raw" if name == "C epoll" else "echo"
                results[name, depth] = frames(bench, server, mode, depth=depth)
    return results


def relay_round(bench: Bench, data: RoomData) -> dict[tuple[str, int], dict]:
    """CPU per relayed frame: one in, one out, as in an echo."""
    with data.server() as server:
        return {("room-server relay", depth): frames(bench, server, "relay", depth=depth, register=data.lines)
                for depth in DEPTHS}


def _idle(bench: Bench, server: Server, sockets: int, lines: Path | None) -> dict:
    register = {} if lines is None else {"register": lines}
    # What the first connections load and never give back is no connection's cost.
    mode = {"mode": "echo"} if lines is None else {"mode": "relay"}
    load(bench.programs["ws_load"], server.port, **mode, sockets=2, seconds=0.2, **register)
    time.sleep(0.3)
    before = server.resident_bytes()
    with IdleSockets(bench.programs["ws_load"], server.port, sockets, lines):
        time.sleep(1)
        after = server.resident_bytes()
    return {"sockets": sockets, "rss_before": before, "rss_after": after,
            "bytes_per_connection": (after - before) / sockets}


def idle_round(bench: Bench) -> dict[str, dict]:
    """Resident memory that each idle connection adds, in a fresh server each."""
    results = {}
    for name, make in bench.echoes().items():
        if name == "C epoll":
            continue  # It speaks no handshake, and holds a few words per socket.
        sockets = min(bench.idle_sockets, PEER_IDLE_SOCKETS) if "Python" in name else bench.idle_sockets
        with make() as server:
            results[name] = _idle(bench, server, sockets, None)
    if bench.room_server:
        with bench.rooms("idle") as data, data.server() as server:
            results["room-server, registered"] = _idle(bench, server, bench.idle_sockets, data.lines)
    return results


def writes_of(metrics: dict[str, float]) -> tuple[float, float, float]:
    return tuple(metrics.get(f"sleap_rooms_{name}_total", 0)
                 for name in ("writes_committed", "record_commits", "room_commits"))


def publish_round(bench: Bench, data: RoomData | None) -> dict[str, dict]:
    """Durable publications, and then raw SQLite commits of as many and as large rows on the same disk."""
    results = {}
    batch, body = bench.batch or DEFAULT_BATCH, 1500
    if data is not None:
        with data.server() as server:
            before = writes_of(server.metrics())
            served = frames(bench, server, "publish", register=data.lines, bytes=NOTES_BYTES)
            writes, record_commits, room_commits = (
                after - first for after, first in zip(writes_of(server.metrics()), before))
        served["writes_per_record_commit"] = writes / record_commits if record_commits else None
        served["writes_per_room_commit"] = writes / room_commits if room_commits else None
        body = data.mean_body_bytes() or body
        if bench.batch is None and record_commits:
            batch = max(1, round(writes / record_commits))
        results["room-server publish"] = served | {"rows_per_s": served["frames_per_s"], "body_bytes": body}
    results["SQLite commits"] = _raw_commits(bench, batch, body)
    return results


def _raw_commits(bench: Bench, batch: int, body: int) -> dict:
    file = bench.work / "raw.sqlite"
    command = ON_SERVER_CORE + [str(bench.programs["sqlite_commits"]), str(file), str(batch), str(bench.seconds)]
    answer = subprocess.run([*command, str(body)], capture_output=True, text=True)
    for left in bench.work.glob("raw.sqlite*"):
        left.unlink()
    if answer.returncode != 0:
        raise Fault(answer.stderr.strip())
    result = json.loads(answer.stdout)
    return result | {"cpu_us_per_frame": result["cpu_s"] / result["rows"] * 1e6}
