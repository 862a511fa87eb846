"""An MLflow server over SQLite with the catalogue in it, as the registry and the runs of MLflow keep it."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path

import build
from servers import ON_SERVER_CORE, Fault
from stores_servers import free_port

START_SECONDS = 120
# It is to measure searches, and to tell nobody.
ENVIRONMENT = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
HERE = Path(__file__).parent


def python_with_mlflow() -> tuple[Path, str] | None:
    return build.python_with("mlflow", "mlflow")


class FilledMLflow(AbstractContextManager):
    """`mlflow server` with one worker on the servers' core; its database is filled by MLflow's own tables."""

    def __init__(self, python: Path, work: Path):
        self.python, self.work, self.port = python, work, free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "FilledMLflow":
        database = f"sqlite:///{self.work / 'mlflow.sqlite'}"
        log = open(self.work / "mlflow.log", "ab")
        fill = [str(self.python), str(HERE / "mlflow_fill.py"), database]
        if subprocess.run(fill, stdout=log, stderr=log, env=ENVIRONMENT).returncode != 0:
            raise Fault(f"MLflow's database could not be filled; see {log.name}")
        command = [str(self.python), "-m", "mlflow", "server", "--backend-store-uri", database, "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "1", "--artifacts-destination", str(self.work / "artifacts")]
        self.process = subprocess.Popen(
            ON_SERVER_CORE + command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env=ENVIRONMENT)
        log.close()
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=5):
                    return
            except (OSError, urllib.error.URLError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise Fault(f"MLflow did not get ready; see {self.work / 'mlflow.log'}")
                time.sleep(0.2)

    def experiment(self) -> str:
        with urllib.request.urlopen(
                f"{self.url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=catalogue", timeout=30) as answer:
            return json.load(answer)["experiment"]["experiment_id"]

    def __exit__(self, *_: object) -> None:
        """Its workers are processes of their own: the whole session of them ends."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
