"""One round of each measurement of search; servers on the first core, the load on the second."""

import json
import subprocess
import sys
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from measures import Bench, RoomData
from mlflow_server import FilledMLflow
from servers import ON_LOAD_CORE, Fault

WATCHERS = 256
SEARCHES_PER_SECOND = 700
MLFLOW_SEARCHES_PER_SECOND = 35
UPDATES_PER_SECOND = 40
HERE = Path(__file__).parent


class FilledRooms(AbstractContextManager):
    """A room server with the catalogue in a room, running while the context lasts."""

    def __init__(self, bench: Bench):
        self.bench = bench

    def __enter__(self) -> "FilledRooms":
        with ExitStack() as held:
            data = RoomData(self.bench, self.bench.work / "search", 1, {"SLEAP_ROOMS_REQUESTS_PER_S": "1000000"})
            held.enter_context(data)
            data.write_lines(data.accounts * (WATCHERS + 1))
            self.lines = data.lines
            self.line = data.lines.read_text().splitlines()[0]
            self.server = held.enter_context(data.server())
            self.load("fill", self.line)
            self.held = held.pop_all()
        return self

    def load(self, mode: str, *words: object) -> dict:
        return run_load(mode, self.server.port, *words)

    def __exit__(self, *_: object) -> None:
        self.held.close()


def run_load(mode: str, port: int, *words: object) -> dict:
    command = ON_LOAD_CORE + [sys.executable, str(HERE / "search_load.py"), mode, str(port), *map(str, words)]
    answer = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if answer.returncode != 0:
        raise Fault(f"{mode}: {answer.stderr.strip().splitlines()[-1:]}")
    return json.loads(answer.stdout)


def search_round(
    bench: Bench, rooms: FilledRooms, mlflow: FilledMLflow | None, number: int
) -> dict[tuple[str, str], dict]:
    """Searches for three tags and for a range of a metric; other ones each round, the same of both servers."""
    count = int(SEARCHES_PER_SECOND * bench.seconds)
    answers = {"room-server": rooms.load("search", rooms.line, count, number * count)}
    if mlflow:
        count = int(MLFLOW_SEARCHES_PER_SECOND * bench.seconds)
        answers["MLflow"] = run_load("mlflow", mlflow.port, mlflow.experiment(), count, number * count)
    results = {(name, kind): result for name, kinds in answers.items() for kind, result in kinds.items()}
    for (name, kind), result in results.items():
        if result["found"] == 0:
            raise Fault(f"{name} found nothing by {kind}")
    return results


def live_round(bench: Bench, rooms: FilledRooms) -> dict[str, dict]:
    """Updates told to watchers of everything, and then to watchers of queries that the updated model is found by."""
    return rooms.load("live", rooms.lines, int(UPDATES_PER_SECOND * bench.seconds), rooms.server.pid)
