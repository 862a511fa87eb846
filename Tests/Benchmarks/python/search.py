"""The sections about search: what they need, their rounds and their reports."""

import sys
from contextlib import ExitStack

import mlflow_server
import search_report
from measures import Bench
from search_measures import FilledRooms, live_round, search_round
from servers import IS_PINNED

SECTIONS = ("search", "live")
REPORTS = {"search": search_report.search_report, "live": search_report.live_report}


def what_is_skipped(bench: Bench, only: tuple[str, ...]) -> list[str]:
    skipped = []
    if "search" in only and mlflow_server.python_with_mlflow() is None:
        skipped.append("MLflow: it could not be installed")
    if not IS_PINNED:
        skipped.append("pinning: there is one core only, server and load share it")
    return skipped + [f"{section}: left out by --only" for section in SECTIONS if section not in only]


def mlflow_version() -> str | None:
    installed = mlflow_server.python_with_mlflow()
    return installed and installed[1]


def measure(bench: Bench, only: tuple[str, ...], count: int, rounds: dict[str, list[dict]]) -> None:
    """Adds round after round to `rounds`; what a fault ends is kept as far as it came."""
    with ExitStack() as held:
        print("filling the servers with 10,000 models", file=sys.stderr)
        rooms = held.enter_context(FilledRooms(bench))
        mlflow = None
        if "search" in only and (installed := mlflow_server.python_with_mlflow()):
            mlflow = held.enter_context(mlflow_server.FilledMLflow(installed[0], bench.work))
        for number in range(1, count + 1):
            print(f"round {number} of {count}", file=sys.stderr)
            if "search" in only:
                rounds["search"].append(search_round(bench, rooms, mlflow, number))
            if "live" in only:
                rounds["live"].append(live_round(bench, rooms))
