"""Real stores for the time of a run, on loopback, all their files in one folder: PostgreSQL, Redis and an S3 server."""

import os
import re
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path

from build import CACHE, FOLDER
from servers import ON_LOAD_CORE, ON_SERVER_CORE, START_SECONDS, Fault

POSTGRES_PROGRAMS = Path("/usr/lib/postgresql")
DEPLOY_SERVERS = FOLDER.parent.parent / "deploy" / "servers"


def free_port() -> int:
    """One below the range that outgoing connections get theirs from, and free at this moment."""
    while True:
        with socket.socket() as candidate:
            port = 11000 + secrets.randbelow(21000)
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def run(command: list[str], what: str, **options: object) -> str:
    """The output of a program that has to succeed."""
    answer = subprocess.run(command, capture_output=True, text=True, **options)
    if answer.returncode != 0:
        raise Fault(f"{what}: {answer.stderr.strip() or answer.stdout.strip() or answer.returncode}")
    return answer.stdout


def postgres_programs() -> Path | None:
    """The newest installed, as /usr/lib/postgresql/15/bin."""
    found = [folder for folder in POSTGRES_PROGRAMS.glob("*/bin") if (folder / "initdb").exists()]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


def missing() -> list[str]:
    """What must be installed before the stores can be measured."""
    wanted = {"redis-server": "redis-server", "redis-benchmark": "redis-tools", "psql": "postgresql-client",
              "pgbench": "postgresql-contrib", "openssl": "openssl"}
    absent = [f"{name} (package {package})" for name, package in wanted.items() if shutil.which(name) is None]
    return absent + ([] if postgres_programs() else ["initdb (package postgresql)"])


def has_moto() -> bool:
    """Where `deploy/servers` looks for it."""
    return (CACHE / "venv" / "bin" / "moto_server").exists() or shutil.which("moto_server") is not None


class Postgres(AbstractContextManager):
    """A PostgreSQL with its defaults, so that a commit is on the disk before it is answered.

    It refuses to run as root: root runs it as nobody, who has to be able to enter the folder.
    """

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.programs = postgres_programs()
        self.url_of = lambda name: f"postgresql://postgres@127.0.0.1:{self.port}/{name}"
        folder.mkdir()
        as_user = []
        if os.getuid() == 0:
            as_user = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
            folder.parent.chmod(0o711)
            shutil.chown(folder, "nobody")
        data, log = folder / "data", folder.with_suffix(".log")
        run([*as_user, str(self.programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--locale", "C.UTF-8"], "initdb", cwd=folder)
        command = [str(self.programs / "postgres"), "-D", str(data), "-p", str(self.port), "-h", "127.0.0.1", "-k", "",
                   "-c", "max_connections=300"]
        with open(log, "ab") as file:
            self.process = subprocess.Popen([*as_user, *command], cwd=folder, stdin=subprocess.DEVNULL, stdout=file,
                                            stderr=file)
        ask = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        _wait(lambda: subprocess.run(ask).returncode == 0, self.process, f"PostgreSQL; see {log}")

    def psql(self, name: str, command: str, **options: object) -> str:
        """The bare values that a command of psql answers with."""
        line = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url_of(name), "-c", command]
        return run(line, "psql", **options).rstrip("\n")

    def create(self, name: str) -> str:
        """A new empty database in the place of the one of that name, and its address."""
        self.psql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.psql("postgres", f"CREATE DATABASE {name}")
        return self.url_of(name)

    def fsync(self) -> str:
        return self.psql("postgres", "SHOW fsync")

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(3)  # SIGQUIT: ends at once, its children too; the data is thrown away.
        self.process.wait()


class Redis(AbstractContextManager):
    """A Redis that keeps nothing on the disk; as a peer it runs on the server's core."""

    def __init__(self, folder: Path, on_server_core: bool = False):
        folder.mkdir(exist_ok=True)
        self.port, log = free_port(), folder.with_suffix(".log")
        command = (ON_SERVER_CORE if on_server_core else []) + ["redis-server", "--port", str(self.port)]
        command += ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with open(log, "ab") as file:
            self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        self.url = f"redis://127.0.0.1:{self.port}"
        ask = ["redis-cli", "-p", str(self.port), "ping"]
        _wait(lambda: subprocess.run(ask, capture_output=True).returncode == 0, self.process, f"Redis; see {log}")

    def say(self, *words: str, **options: object) -> str:
        return run(["redis-cli", "-p", str(self.port), *words], "redis-cli", **options)

    def gets_per_second(self, key: str, fields: int, depth: int, count: int) -> float:
        """`redis-benchmark` of HGET over `fields` fields that are twelve digits, as its -r writes them."""
        command = ON_LOAD_CORE + ["redis-benchmark", "-p", str(self.port), "-c", "64", "-P", str(depth), "-n",
                                  str(count), "-r", str(fields), "-q", "HGET", key, "__rand_int__"]
        answer = run(command, "redis-benchmark")
        # It overwrites its line while it runs; the last one stays.
        rates = re.findall(r"([\d.]+) requests per second", answer)
        if not rates:
            raise Fault(f"redis-benchmark said {answer!r}")
        return float(rates[-1])

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


class S3(AbstractContextManager):
    """The S3 server of `deploy/servers` that answers conditional writes rightly, and a bucket."""

    bucket = "rooms"

    def __init__(self, folder: Path):
        self.folder = folder
        answer = run([str(DEPLOY_SERVERS), "start", str(folder), "moto"], "deploy/servers")
        found = re.search(r"SLEAP_ROOMS_TEST_S3_CONDITIONAL=(\S+)", answer)
        if found is None:
            raise Fault(f"deploy/servers said {answer!r}")
        self.endpoint = found[1]
        request = urllib.request.Request(f"{self.endpoint}/{self.bucket}", method="PUT", data=b"")
        try:
            urllib.request.urlopen(request, timeout=START_SECONDS).close()
        except OSError as fault:
            self.__exit__()
            raise Fault(f"the S3 server makes no bucket: {fault}") from fault

    def environment(self) -> dict[str, str]:
        return {"SLEAP_ROOMS_S3_BUCKET": self.bucket, "SLEAP_ROOMS_S3_ENDPOINT": self.endpoint,
                "SLEAP_ROOMS_S3_PATH_STYLE": "1", "AWS_ACCESS_KEY_ID": "benchmark", "AWS_REGION": "us-east-1",
                "AWS_SECRET_ACCESS_KEY": "benchmark"}

    def __exit__(self, *_: object) -> None:
        subprocess.run([str(DEPLOY_SERVERS), "stop", str(self.folder)], capture_output=True)


def _wait(is_ready: object, process: subprocess.Popen, what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise Fault(f"no {what}")
        time.sleep(0.05)
