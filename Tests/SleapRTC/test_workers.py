"""Workers: they register, stay, come back, and are found."""

import json
import os
from pathlib import Path

from lab.person import People, Person
from lab.processes import Background, eventually
from lab.server import Server
from lab.switch import Switch

# A worker that hears no ping for 90 s takes its socket for dead; the ping comes every 30 s.
PINGED_SECONDS = 45


def start_worker(person: Person, credentials: dict, name: str) -> Background:
    folder = person.home / name
    folder.mkdir()
    # A worker opens what lies below its mounts, and nothing else.
    config = person.home / ".sleap-rtc" / "config.toml"
    config.parent.mkdir(exist_ok=True)
    config.write_text(f'[[worker.io.mounts]]\npath = "{folder}"\nlabel = "Data"\n')
    worker = person.start(
        "worker",
        "--account-key",
        credentials["account_key"],
        "--room",
        credentials["room_id"],
        "--name",
        name,
        "--working-dir",
        str(folder),
        "--max-reconnect-time",
        "5m",
        "-v",
    )
    return worker


def is_found(person: Person, credentials: dict, name: str) -> bool:
    """Whether a client's discovery finds just the one worker of that name."""
    found = person.python(
        "import json; from sleap_rtc import api; "
        f"print(json.dumps([w.id for w in api.list_workers({credentials['room_id']!r})]))"
    )
    named = [shown["peer_id"] for shown in listed(person, credentials) if shown["worker_name"] == name]
    return len(found) == 1 and found == named


def listed(person: Person, credentials: dict) -> list[dict]:
    status, body = person.request("GET", f"/api/rooms/{credentials['room_id']}/workers", bearer=credentials["jwt"])
    assert status == 200, body
    return body["workers"]


def test_a_worker_is_found_with_what_it_told(server: Server, people: People) -> None:
    owner = server.bootstrap("greta", "worker-room")
    greta = people("greta", server, gpu=True)
    greta.log_in(owner)
    worker = start_worker(greta, owner, "lab-gpu-1")
    eventually(lambda: is_found(greta, owner, "lab-gpu-1"))
    (shown,) = listed(greta, owner)
    assert shown["worker_name"] == "lab-gpu-1" and shown["properties"]["gpu_model"] == "NVIDIA Test GPU"
    assert owner["account_key"] not in json.dumps(shown)
    worker.terminate()
    eventually(lambda: listed(greta, owner) == [])


def test_a_worker_with_a_room_token_is_found(server: Server, people: People) -> None:
    owner = server.bootstrap("hanna", "token-room", worker="token-gpu")
    hanna = people("hanna", server, gpu=True)
    hanna.log_in(owner)
    (hanna.home / "w").mkdir()
    hanna.start(
        "worker", "--api-key", owner["worker_token"], "--name", "token-gpu", "--working-dir", str(hanna.home / "w")
    )
    eventually(lambda: is_found(hanna, owner, "token-gpu"))


def test_a_worker_is_pinged(server: Server, people: People) -> None:
    owner = server.bootstrap("ida", "ping-room")
    worker = start_worker(people("ida", server, gpu=True), owner, "pinged")
    worker.expect(r"Received signaling server ping", PINGED_SECONDS)


def test_a_worker_comes_back_after_the_server_was_killed(program: Path, folder: Path, people: People) -> None:
    server = Server(program, folder / "killed")
    try:
        owner = server.bootstrap("jana", "restart-room")
        jana = people("jana", server, gpu=True)
        jana.log_in(owner)
        worker = start_worker(jana, owner, "survivor")
        eventually(lambda: is_found(jana, owner, "survivor"))
        server.kill()
        server.start()
        eventually(lambda: is_found(jana, owner, "survivor"))
        assert worker.is_running
    finally:
        server.stop()


def test_a_second_server_takes_a_worker_over(
    program: Path, folder: Path, people: People, stores: dict[str, str]
) -> None:
    servers = [Server(program, folder / f"pair-{number}", stores) for number in (1, 2)]
    switch = Switch(servers[0].port)
    try:
        owner = servers[0].bootstrap("kira", f"pair-room-{os.getpid()}")
        kira = people("kira", servers[0], port=switch.port, gpu=True)
        kira.log_in(owner)
        worker = start_worker(kira, owner, "moved")
        eventually(lambda: len(listed(kira, owner)) == 1)
        elsewhere = people("kira", servers[1])
        assert [shown["worker_name"] for shown in listed(elsewhere, owner)] == ["moved"], "seen from the other server"
        switch.target = servers[1].port
        servers[0].kill()
        eventually(lambda: is_found(kira, owner, "moved"))
        assert worker.is_running
    finally:
        switch.close()
        for server in servers:
            server.kill()


def test_two_workers_form_a_mesh(server: Server, people: People) -> None:
    owner = server.bootstrap("lena", "mesh-room")
    lena = people("lena", server, gpu=True)
    first = start_worker(lena, owner, "mesh-1")
    first.expect(r"[Mm]esh networking initialization complete")
    second = start_worker(people("lena", server, gpu=True), owner, "mesh-2")
    second.expect(r"Mesh connection established with|[Cc]onnected to admin", 90)
    assert first.is_running and second.is_running
