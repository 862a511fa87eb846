"""Makes what the benchmarks run: the C programs, and Pythons with a package."""

import os
import subprocess
import sys
from functools import cache
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


@cache
def python_with(package: str, folder: str) -> tuple[Path, str] | None:
    """An interpreter that has a package, and the version of that; None when it cannot be had."""
    python = CACHE / folder / "bin" / "python3"
    ask = [str(python), "-c", f"import importlib.metadata as m; print(m.version({package!r}))"]
    try:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(CACHE / folder)], check=True)
        answer = subprocess.run(ask, capture_output=True, text=True)
        if answer.returncode != 0:
            print(f"installing {package} into {CACHE / folder}", file=sys.stderr)
            install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
            subprocess.run([str(python), *install], check=True)
            answer = subprocess.run(ask, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as fault:
        print(f"no Python with {package}: {fault}", file=sys.stderr)
        return None
    return python, answer.stdout.strip()
