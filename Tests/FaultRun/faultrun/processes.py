"""The processes of a run: started, killed, stopped, continued and started again on the same port with the same data."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Ready = Callable[[], Awaitable[bool]]


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


async def accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 1)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def succeeds(*command: str, timeout: float = 5) -> bool:
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        return await asyncio.wait_for(process.wait(), timeout) == 0
    except TimeoutError:
        process.kill()
        await process.wait()
        return False


def descendants(pid: int) -> list[int]:
    """A process and all below it, parents first."""
    found, place = [pid], 0
    while place < len(found):
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{found[place]}/task/{found[place]}/children").read_text()
            found.extend(int(child) for child in children.split())
        place += 1
    return found


class Process:
    """One supervised program; its output goes to a file beside its data."""

    def __init__(self, name: str, command: list[str], folder: Path, ready: Ready, **options: Any) -> None:
        self.name = name
        self.starts = 0
        self._command = command
        self._folder = folder
        self._ready = ready
        self._options = options
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, seconds: float = 30) -> None:
        """Returns when it serves; starts it anew when it ends before, since what it needs may still be coming up."""
        deadline = asyncio.get_running_loop().time() + seconds
        await self._spawn()
        while not await self._ready():
            if self._process is None or self._process.returncode is not None:
                await asyncio.sleep(0.1)
                await self._spawn()
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"{self.name} did not come up in {seconds} s; see {self._folder}/output")
            await asyncio.sleep(0.03)

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    async def kill(self) -> None:
        """SIGKILL to it and all its children at once."""
        if self._process and self._process.returncode is None:
            self._signal(signal.SIGKILL)
            await self._process.wait()

    def stop(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            for pid in descendants(self._process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)

    async def _spawn(self) -> None:
        self.starts += 1
        with (self._folder / "output").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **self._options,
            )
