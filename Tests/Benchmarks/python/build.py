"""Makes what the benchmarks run: the C programs, and a Python with `websockets`."""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sleap-rooms"

# Each with its sources and what it is linked with.
PROGRAMS = {
    "epoll_echo": (["epoll_echo.c"], []),
    "ws_load": (["ws_load.c", "exchange.c", "options.c", "peer.c", "wire.c"], []),
    "sqlite_commits": (["sqlite_commits.c"], ["-lsqlite3"]),
}
STORES_PROGRAMS = {
    "commit_publish": (["commit_publish.c"], ["-I/usr/include/postgresql", "-lpq", "-lhiredis"]),
}


def c_programs(into: Path, programs: dict = PROGRAMS) -> dict[str, Path]:
    """Compiles each program and returns where it is."""
    into.mkdir(parents=True, exist_ok=True)
    made = {}
    for name, (sources, libraries) in programs.items():
        made[name] = into / name
        command = ["gcc", "-O2", "-Wall", "-Wextra", "-o", str(made[name])]
        command += [str(FOLDER / "c" / source) for source in sources] + libraries
        subprocess.run(command, check=True)
    return made


def python_with_websockets() -> tuple[Path, str] | None:
    """An interpreter that has `websockets`, and the version of that; None when it cannot be had."""
    python = CACHE / "venv" / "bin" / "python3"
    ask = [str(python), "-c", "import websockets.version as v; print(v.version)"]
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(CACHE / "venv")], check=True)
        answer = subprocess.run(ask, capture_output=True, text=True)
        if answer.returncode != 0:
            print(f"installing websockets into {CACHE / 'venv'}", file=sys.stderr)
            install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "websockets"]
            subprocess.run([str(python), *install], check=True)
            answer = subprocess.run(ask, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as fault:
        print(f"no Python with websockets: {fault}", file=sys.stderr)
        return None
    return python, answer.stdout.strip()
