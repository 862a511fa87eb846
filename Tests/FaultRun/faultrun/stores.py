"""Redis, PostgreSQL and an S3 server of the run's own."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from .processes import Process, accepts, free_port, succeeds
from .proxy import Proxy


class MissingProgram(Exception):
    """A program the run needs is not installed."""


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if not found:
        raise MissingProgram(f"{name} is missing: install {package}")
    return found


class Redis:
    """Keeps nothing on disk: a restart is the loss of all live rooms."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self._cli = program("redis-cli", "redis-server")
        command = [program("redis-server", "redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no"]
        self.process = Process("redis", command, folder, self._is_ready)

    async def flush(self) -> None:
        await succeeds(self._cli, "-p", str(self.port), "flushall")

    async def _is_ready(self) -> bool:
        return await succeeds(self._cli, "-p", str(self.port), "ping", timeout=2)


class Postgres:
    """Without fsync: what it acknowledged survives its own death, which is what the run inflicts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
        if not versions:
            raise MissingProgram("postgres is missing: install postgresql")
        self._programs = versions[-1].parent
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        # Its programs refuse to run as root.
        self._user: dict[str, Any] = {}
        if os.getuid() == 0:
            self._user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(folder, "nobody")
        data = folder / "data"
        command = [str(self._programs / "postgres"), "-D", str(data), "-p", str(self.port), "-h", "127.0.0.1", "-k", ""]
        command += ["-c", "fsync=off", "-c", "max_connections=200"]
        initdb = [str(self._programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-N"]
        with (folder / "output").open("ab") as output:
            subprocess.run(initdb, check=True, cwd=folder, stdout=output, stderr=output, **self._user)
        self.process = Process("postgres", command, folder, self._is_ready, **self._user)

    async def terminate_all(self) -> None:
        await self._ask("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")

    async def _is_ready(self) -> bool:
        return await self._ask("select 1")

    async def _ask(self, query: str) -> bool:
        return await succeeds(str(self._programs / "psql"), self.url, "-Atqc", query)


class ObjectStore:
    """moto_server behind a proxy: moto forgets its objects when it ends, so an outage is its door being shut."""

    bucket = "fault-run"

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        beside = Path(sys.executable).parent / "moto_server"
        moto = str(beside) if beside.exists() else program("moto_server", "moto[server] (PyPI)")
        self._port = free_port()
        self.process = Process("s3", [moto, "-H", "127.0.0.1", "-p", str(self._port)], folder, self._is_ready)
        self.door = Proxy(self._port)

    async def start(self) -> None:
        await self.process.start()
        await self.door.start()
        headers = "AWS4-HMAC-SHA256 Credential=run/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        request = f"PUT /{self.bucket} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {headers}\r\nContent-Length: 0\r\n"
        writer.write(f"{request}Connection: close\r\n\r\n".encode())
        status = (await reader.readline()).split()
        writer.close()
        if status[1:2] != [b"200"]:
            raise OSError(f"the S3 server refused to make a bucket: {status}")

    def environment(self) -> dict[str, str]:
        return {
            "SLEAP_ROOMS_S3_BUCKET": self.bucket,
            "SLEAP_ROOMS_S3_ENDPOINT": f"http://127.0.0.1:{self.door.port}",
            "SLEAP_ROOMS_S3_PATH_STYLE": "1",
            "AWS_ACCESS_KEY_ID": "TESTACCESSKEY0000001",
            "AWS_SECRET_ACCESS_KEY": "testsecretkey",
            "AWS_REGION": "us-east-1",
        }

    async def _is_ready(self) -> bool:
        return await accepts(self._port)
