"""Servers and people for the tests. `--room-server` names the built program."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.github import GitHub
from lab.machine import path_with_gpu
from lab.person import People, Person
from lab.server import Server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--room-server", type=Path, required=True, help="the built room-server")


@pytest.fixture(scope="session")
def program(request: pytest.FixtureRequest) -> Path:
    return request.config.getoption("--room-server").resolve()


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """On a short path: data channels and sockets have names of limited length."""
    path = Path(tempfile.mkdtemp(prefix="sleap-rtc-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def github() -> Iterator[GitHub]:
    github = GitHub()
    yield github
    github.close()


@pytest.fixture(scope="session")
def server(program: Path, folder: Path, github: GitHub) -> Iterator[Server]:
    server = Server(
        program,
        folder / "server",
        {
            "SLEAP_ROOMS_GITHUB_CLIENT_ID": "test-client",
            "SLEAP_ROOMS_GITHUB_CLIENT_SECRET": "test-secret",
            "SLEAP_ROOMS_GITHUB_URL": github.url,
            "SLEAP_ROOMS_GITHUB_API_URL": github.url,
            "SLEAP_ROOMS_ALLOWED_ORIGINS": "http://localhost:11999",
        },
    )
    yield server
    server.stop()


@pytest.fixture
def stores() -> dict[str, str]:
    """The settings of servers that share PostgreSQL and Redis."""
    urls = {
        "SLEAP_ROOMS_DATABASE_URL": os.environ.get("SLEAP_ROOMS_TEST_POSTGRES"),
        "SLEAP_ROOMS_REDIS_URL": os.environ.get("SLEAP_ROOMS_TEST_REDIS"),
    }
    if not all(urls.values()):
        pytest.skip("needs SLEAP_ROOMS_TEST_POSTGRES and SLEAP_ROOMS_TEST_REDIS: deploy/servers env")
    return urls


@pytest.fixture
def people(folder: Path) -> Iterator[People]:
    """Makes people with fresh homes, pointed at a server; whatever they left running ends with the test."""
    made: list[Person] = []

    def make(name: str, at: Server, port: int | None = None, gpu: bool = False) -> Person:
        home = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder))
        port = port or at.port
        path = path_with_gpu(home / "bin") if gpu else None
        person = Person(name, home, f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}", path)
        made.append(person)
        return person

    yield make
    for person in made:
        person.leave()
