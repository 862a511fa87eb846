"""Training and inference over WebRTC: the server brings both sides together and is then out of it."""

import pytest

from lab.person import People, Person
from lab.processes import eventually
from lab.server import Server
from test_workers import is_found, start_worker

TRAINING_SECONDS = 120


@pytest.fixture
def owner(server: Server) -> dict:
    return server.bootstrap("mia", "training-room")


@pytest.fixture
def mia(server: Server, people: People, owner: dict) -> Person:
    person = people("mia", server, gpu=True)
    person.log_in(owner)
    return person


def test_a_client_finds_a_worker_and_trains_on_it(mia: Person, owner: dict) -> None:
    worker = start_worker(mia, owner, "trainer")
    # Below the worker's mount.
    config = mia.home / "trainer" / "centroid.yaml"
    labels = config.with_name("labels.slp")
    labels.write_bytes(b"labels")
    config.write_text(f"data_config:\n  train_labels_path: [{labels}]\ntrainer_config:\n  max_epochs: 1\n")
    eventually(lambda: is_found(mia, owner, "trainer"))
    client = mia.start(
        "train",
        "--room",
        owner["room_id"],
        "--auto-select",
        "--non-interactive",
        "--config",
        str(config),
        "--max-epochs",
        "1",
    )
    client.answer("s\n")
    client.expect(r"Completed Successfully", TRAINING_SECONDS)
    assert worker.is_running
    # The worker offers itself again.
    eventually(lambda: is_found(mia, owner, "trainer"))
