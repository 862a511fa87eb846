"""Starts the servers on their core and the load on the other, and reads what the kernel says of them."""

import json
import os
import select
import subprocess
import time
import urllib.request
from pathlib import Path

START_SECONDS = 60

_cores = sorted(os.sched_getaffinity(0))
IS_PINNED = len(_cores) > 1


def _on_core(index: int) -> list[str]:
    return ["taskset", "-c", str(_cores[index])] if IS_PINNED else []


ON_SERVER_CORE = _on_core(0)
ON_LOAD_CORE = _on_core(1)


class Fault(Exception):
    """A server or a load that did not do its part."""


class Server:
    """A running server. Leaving the context kills it: its data is thrown away with it."""

    def __init__(self, command: list[str], log: Path, announces: bool, environment: dict[str, str] | None = None):
        self.name = Path(command[0]).name
        self.log = log
        with open(log, "ab") as file:
            self.process = subprocess.Popen(
                ON_SERVER_CORE + command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if announces else file,
                stderr=file, env=environment)
        self.port = 0

    @property
    def pid(self) -> int:
        return self.process.pid  # taskset becomes the server: the number stays.

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def resident_bytes(self) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise Fault(f"{self.name} is gone; see {self.log}")


def echo_server(command: list[str], log: Path) -> Server:
    """A program that prints `ready PORT`."""
    server = Server(command, log, announces=True)
    readable, _, _ = select.select([server.process.stdout], [], [], START_SECONDS)
    words = server.process.stdout.readline().split() if readable else []
    if len(words) != 2 or words[0] != b"ready":
        server.__exit__()
        raise Fault(f"{server.name} did not get ready; see {log}")
    server.port = int(words[1])
    return server


class RoomServer(Server):
    """`room-server serve` over a data directory, with one event loop."""

    def __init__(self, program: Path, data: Path, log: Path, stores: dict[str, str] | None = None):
        ready_file = data.with_suffix(".ready")
        ready_file.unlink(missing_ok=True)
        command = [str(program), "serve", "--data", str(data), "--listen", "127.0.0.1:0"]
        command += ["--ready-file", str(ready_file)]
        super().__init__(command, log, announces=False, environment=room_server_environment(stores))
        deadline = time.monotonic() + START_SECONDS
        while not ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise Fault(f"{self.name} did not get ready; see {log}")
            time.sleep(0.02)
        self.http = json.loads(ready_file.read_text())["http"]
        self.port = int(self.http.rsplit(":", 1)[1].strip("/"))

    def metrics(self) -> dict[str, float]:
        """The samples of /metrics that have no labels."""
        with urllib.request.urlopen(f"{self.http}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        samples = (line.split() for line in lines if not line.startswith("#") and "{" not in line)
        return {words[0]: float(words[1]) for words in samples if len(words) >= 2}


def room_server_environment(stores: dict[str, str] | None = None) -> dict[str, str]:
    """One loop on the one core; one user may hold all the sockets of a room; nothing else than the defaults.

    The stores are embedded, unless `stores` has the variables that tell of others.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SLEAP_ROOMS_")}
    return kept | {"SLEAP_ROOMS_LOOPS": "1", "SLEAP_ROOMS_MAX_CONNECTIONS_PER_IDENTITY": "20000"} | (stores or {})


def bootstrap(program: Path, data: Path, rooms: int, stores: dict[str, str] | None = None) -> list[dict[str, str]]:
    """Makes a room each for `rooms` users and returns the account of each."""
    accounts = []
    for number in range(rooms):
        command = [str(program), "bootstrap", "--data", str(data), "--user", f"bench-{number}"]
        command += ["--room", f"bench-{number}", "--worker", f"bench-{number}", "--json"]
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=START_SECONDS, env=room_server_environment(stores))
        if answer.returncode != 0:
            raise Fault(f"bootstrap exited with {answer.returncode}: {answer.stderr.strip()}")
        accounts.append(json.loads(answer.stdout))
    return accounts


def load(program: Path, port: int, mode: str, **options: object) -> dict:
    """Runs ws_load to its end."""
    command = ON_LOAD_CORE + [str(program), "127.0.0.1", str(port), "--mode", mode]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    answer = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if answer.returncode != 0:
        raise Fault(answer.stderr.strip() or f"ws_load exited with {answer.returncode}")
    return json.loads(answer.stdout) | {"said": answer.stderr.strip()}


class IdleSockets:
    """Sockets that are open while the context lasts."""

    def __init__(self, program: Path, port: int, sockets: int, lines: Path | None):
        command = ON_LOAD_CORE + [str(program), "127.0.0.1", str(port), "--mode", "idle", "--sockets", str(sockets)]
        if lines is not None:
            command += ["--register", str(lines)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self) -> "IdleSockets":
        if self.process.stdout.readline() != b"holding\n":
            self.process.wait()
            raise Fault(self.process.stderr.read().decode().strip())
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait()
