"""Programs in the background, and what they have said so far."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

WAIT_SECONDS = 60


class Background:
    """A running program whose output goes to a file, where it is waited for."""

    def __init__(self, command: list[str], log: Path, env: dict[str, str], cwd: Path | None = None) -> None:
        self.log = log
        self.command = command
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def expect(self, pattern: str, seconds: float = WAIT_SECONDS, after: int = 0) -> re.Match[str]:
        """The first match of a pattern in what was said after a position; fails with the end of the log."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.said[after:])
            if found:
                return found
            if time.monotonic() > end or (
                self.process.poll() is not None and not re.search(pattern, self.said[after:])
            ):
                raise AssertionError(
                    f"{' '.join(self.command[:3])} did not say {pattern!r} (it "
                    f"{'runs' if self.process.poll() is None else f'ended with {self.process.returncode}'}):\n"
                    f"{self.said[-4000:]}"
                )
            time.sleep(0.1)

    def answer(self, text: str) -> None:
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        self._end(signal.SIGTERM)
        return self.process.returncode

    def _end(self, with_signal: int) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, with_signal)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)


def eventually(check: Callable[[], object], seconds: float = WAIT_SECONDS, every: float = 0.5) -> object:
    """What a check gives once it gives something; its last failure when it never does."""
    end = time.monotonic() + seconds
    while True:
        try:
            result = check()
            if result:
                return result
            failure = AssertionError(f"still {result!r} after {seconds} s: {check}")
        except Exception as error:
            failure = error
        if time.monotonic() > end:
            raise failure
        time.sleep(every)
