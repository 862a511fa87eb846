"""A room-server, started as an operator starts it."""

import json
import os
import secrets
import socket
import subprocess
from pathlib import Path

from lab.processes import Background, eventually

START_SECONDS = 30


def free_port() -> int:
    """Below the range that outgoing connections take theirs from, and free at this moment."""
    while True:
        port = 11000 + secrets.randbelow(20000)
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Server:
    """One server and its folder; it can be killed and started again on the same port."""

    def __init__(self, program: Path, folder: Path, settings: dict[str, str] | None = None) -> None:
        self.program, self.folder = program, folder
        self.port = free_port()
        self.settings = settings or {}
        self.starts = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLEAP_", "AWS_"))}
        return kept | self.settings

    def start(self) -> None:
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        self.starts += 1
        self.process = Background(
            [
                str(self.program),
                "serve",
                "--data",
                str(self.folder / "data"),
                "--listen",
                f"127.0.0.1:{self.port}",
                "--ready-file",
                str(ready),
                "--log-level",
                "debug",
            ],
            self.folder / f"server-{self.starts}.log",
            self.env,
        )
        eventually(lambda: ready.exists() or self._must_run(), START_SECONDS, 0.05)

    def _must_run(self) -> bool:
        assert self.process.is_running, f"the server ended:\n{self.process.said[-4000:]}"
        return False

    def kill(self) -> None:
        self.process.kill()

    def stop(self) -> None:
        self.process.terminate()

    def bootstrap(self, user: str, room: str, worker: str | None = None) -> dict:
        """What `room-server bootstrap` prints: user, room and their credentials."""
        command = [
            str(self.program),
            "bootstrap",
            "--data",
            str(self.folder / "data"),
            "--user",
            user,
            "--room",
            room,
            "--json",
        ]
        answer = subprocess.run(
            command + (["--worker", worker] if worker else []), capture_output=True, text=True, env=self.env, timeout=30
        )
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    @property
    def said(self) -> str:
        return "".join(log.read_text(errors="replace") for log in sorted(self.folder.glob("server-*.log")))
