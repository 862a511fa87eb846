"""Everything a run starts: stores, servers, rooms with their credentials; and its end, which leaves nothing behind."""

import asyncio
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .processes import Process, free_port
from .proxy import Proxy
from .stores import ObjectStore, Postgres, Redis, program


@dataclass
class Credentials:
    room: str
    jwt: str
    worker_token: str
    worker: str


class Refused(Exception):
    """The program under test does not take this configuration."""


class RoomServer:
    def __init__(self, index: int, binary: Path, folder: Path, environment: dict[str, str]) -> None:
        folder.mkdir()
        self.index = index
        self.port = free_port()
        # Where clients are sent: the server, or a liar before it.
        self.entrance = self.port
        self._ready_file = folder / "ready.json"
        command = [str(binary), "serve", "--data", str(folder / "data"), "--listen", f"127.0.0.1:{self.port}"]
        command += ["--ready-file", str(self._ready_file), "--log-level", "warning"]
        self.process = Process(f"server-{index}", command, folder, self._is_ready, env=environment)

    async def start(self) -> None:
        self._ready_file.unlink(missing_ok=True)
        await self.process.start()

    async def kill(self) -> None:
        await self.process.kill()
        self._ready_file.unlink(missing_ok=True)

    async def readiness(self) -> str:
        """The answer of `/readyz`: its status and what is away."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = (await asyncio.wait_for(reader.read(), 5)).decode()
            writer.close()
        except (OSError, TimeoutError) as error:
            return type(error).__name__
        head, _, body = answer.partition("\r\n\r\n")
        checks = json.loads(body)["checks"]
        away = " ".join(sorted(name for name, word in checks.items() if word != "ok"))
        return f"{head.split()[1]} without {away or 'nothing'}"

    def resident_megabytes(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) // 1024

    async def _is_ready(self) -> bool:
        return self._ready_file.exists()


class World:
    """The full run has PostgreSQL, Redis, S3 and several servers; the embedded one a single server on its SQLite."""

    def __init__(self, binary: Path, folder: Path, servers: int, embedded: bool, with_s3: bool) -> None:
        self.folder = folder
        self._binary = binary
        self.embedded = embedded
        self.postgres = None if embedded else Postgres(folder / "postgres")
        self.redis = None if embedded else Redis(folder / "redis")
        self.s3 = None if embedded or not with_s3 else ObjectStore(folder / "s3")
        self._count = 1 if embedded else servers
        self.servers: list[RoomServer] = []
        self.proxies: list[Proxy] = []
        self._environment: dict[str, str] = {}

    async def start(self, rooms: int) -> list[Credentials]:
        stores = [store.process.start() for store in (self.postgres, self.redis) if store]
        await asyncio.gather(*stores, *([self.s3.start()] if self.s3 else []))
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("SLEAP_ROOMS_", "AWS_"))
        } | self._settings()
        self.servers = [
            RoomServer(index, self._binary, self.folder / f"server-{index}", self._environment)
            for index in range(self._count)
        ]
        credentials = [
            self._bootstrap(f"room-{room}", f"gpu-{room}-{worker}") for room in range(rooms) for worker in range(2)
        ]
        for server in self.servers:
            await server.start()
        return credentials

    async def end(self) -> None:
        for proxy in self.proxies:
            await proxy.close()
        for server in self.servers:
            await server.kill()
        for store in (self.redis, self.s3, self.postgres):
            if store:
                await store.process.kill()

    async def proxy(self, server: RoomServer) -> Proxy:
        proxy = Proxy(server.entrance)
        await proxy.start()
        self.proxies.append(proxy)
        return proxy

    def _settings(self) -> dict[str, str]:
        if not self.postgres or not self.redis:
            return {}
        key = self.folder / "jwt.pem"
        command = [program("openssl", "openssl"), "genrsa", "-out", str(key), "2048"]
        subprocess.run(command, check=True, capture_output=True)
        settings = {
            "SLEAP_ROOMS_DATABASE_URL": self.postgres.url,
            "SLEAP_ROOMS_REDIS_URL": self.redis.url,
            "SLEAP_ROOMS_JWT_PRIVATE_KEY_FILE": str(key),
        }
        return settings | (self.s3.environment() if self.s3 else {})

    def _bootstrap(self, room: str, worker: str) -> Credentials:
        data = self.folder / "server-0" / "data"
        command = [str(self._binary), "bootstrap", "--data", str(data), "--user", "owner", "--room", room]
        command += ["--worker", worker, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, env=self._environment)
        if done.returncode != 0:
            raise Refused(f"room-server bootstrap ended with {done.returncode}: {done.stderr.strip()}")
        fields = json.loads(done.stdout)
        return Credentials(fields["room_id"], fields["jwt"], fields["worker_token"], worker)
