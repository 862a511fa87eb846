"""The commands of a person: log in, rooms, tokens, keys."""

import re

import pytest

from lab.person import People, Person
from lab.server import Server


@pytest.fixture
def alice(server: Server, people: People) -> Person:
    person = people("alice", server)
    person.credentials = server.bootstrap("alice", "alices-room")
    person.log_in(person.credentials)
    return person


@pytest.fixture
def bob(server: Server, people: People) -> Person:
    person = people("bob", server)
    person.credentials = server.bootstrap("bob", "bobs-room")
    person.log_in(person.credentials)
    return person


def create_room(person: Person, name: str) -> str:
    said = person.run("room", "create", "--name", name, "--expires", "never", answers="n\n")
    return re.search(r"Room ID:\s+([0-9a-f]{8})", said).group(1)


def test_doctor_finds_the_server(server: Server, people: People) -> None:
    said = people("carol", server).run("doctor")
    assert f"Signaling server: {server.http}" in said
    assert "✓ reachable" in said


def test_a_login_is_handed_over_and_the_public_key_registered(server: Server, people: People) -> None:
    dora = people("dora", server)
    credentials = server.bootstrap("dora", "doras-room")
    said = dora.log_in(credentials)
    assert "Public key registered with server." in said
    assert "dora" in dora.run("whoami")
    assert credentials["user_id"] in dora.run("whoami")


def test_a_login_is_handed_over_once(server: Server, people: People) -> None:
    erin = people("erin", server)
    credentials = server.bootstrap("erin", "erins-room")
    erin.log_in(credentials)
    state = re.search(r"cli_state=([\w-]+)", erin.started[0].said).group(1)
    status, body = erin.request("GET", f"/api/auth/cli/poll?state={state}")
    assert (status, body["status"]) == (202, "pending")


def test_a_login_cannot_be_planted(server: Server, people: People) -> None:
    person = people("frank", server)
    planted = {"state": "x" * 43, "jwt": "not.a.token", "user": {"user_id": "1", "username": "mallory"}}
    status, _ = person.post("/api/auth/cli/deposit", planted)
    assert status in (400, 401)
    status, _ = person.request("GET", f"/api/auth/cli/poll?state={'x' * 43}")
    assert status == 202


def test_rooms_are_made_listed_shared_and_deleted(alice: Person, bob: Person) -> None:
    room = create_room(alice, "mice")
    listed = alice.run("room", "list")
    assert room in listed and "mice" in listed and "owner" in listed
    code = re.search(r"Code:\s+([A-Z0-9]{8})", alice.run("room", "invite", room)).group(1)
    assert "Successfully joined room!" in bob.run("room", "join", "--code", code, answers="n\n")
    assert "member" in bob.run("room", "list")
    info = alice.run("room", "info", room)
    assert "mice" in info and bob.credentials["user_id"] in info
    assert f"Default room set to: {room}" in alice.run("room", "set-default", room)
    assert "Secret saved" in alice.run("room", "create-secret", "--room", room)
    assert "Only the room owner can delete a room" in bob.run("room", "delete", room, "--force")
    assert "deleted successfully" in alice.run("room", "delete", room, "--force")
    assert room not in bob.run("room", "list")


def test_a_wrong_invite_is_refused(bob: Person) -> None:
    assert "Invalid invite code" in bob.run("room", "join", "--code", "ZZZZ9999", answers="n\n")


def test_tokens_are_made_listed_revoked_and_deleted(alice: Person) -> None:
    room = create_room(alice, "tokens")
    for name, days in (("gpu-1", "7"), ("gpu-2", "30")):
        said = alice.run("token", "create", "--room", room, "--name", name, "--expires", days, "--no-save")
        token = re.search(r"API Key:\s+(slp_[\w-]+)", said).group(1)
    listed = alice.run("token", "list")
    assert "gpu-1" in listed and "gpu-2" in listed and token not in listed
    assert "Token revoked successfully" in alice.run("token", "revoke", token, "--yes")
    assert "revoked" in alice.run("token", "list")
    assert "deleted permanently" in alice.run("token", "delete", token, "--yes")
    assert "gpu-2" not in alice.run("token", "list")
    said = alice.run("token", "create", "--room", room, "--name", "gpu-3", "--no-save")
    alice.run("token", "revoke", re.search(r"API Key:\s+(slp_[\w-]+)", said).group(1), "--yes")
    assert "Deleted 1 inactive token(s)" in alice.run("token", "cleanup", "--yes")


def test_account_keys_are_made_listed_and_revoked(alice: Person) -> None:
    key = re.search(r"(slp_acct_[\w-]+)", alice.run("key", "create", "--name", "hpc")).group(1)
    listed = alice.run("key", "list")
    assert "hpc" in listed and key not in listed
    assert "revoked" in alice.run("key", "revoke", key, "--yes")
    status, _ = alice.request("GET", "/api/auth/rooms", bearer=key)
    assert status == 401


def test_the_python_interface_lists_rooms(alice: Person) -> None:
    names = alice.python(
        "import json; from sleap_rtc import api; print(json.dumps([r.name for r in api.list_rooms()]))"
    )
    assert "alices-room" in names


def test_no_credential_is_in_the_log(alice: Person, server: Server) -> None:
    said = server.said
    for name in ("jwt", "account_key"):
        assert alice.credentials[name] not in said
