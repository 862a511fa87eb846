"""The final reading: what every server says of every room once all is healed and quiet."""

import asyncio
import time

from .connection import Connection, Lost
from .history import Departure, Entry, FinalView

PAGE = 200


class Unsettled(Exception):
    """A server did not come to rest in time."""


async def final_view(port: int, server: int, room: str, jwt: str, departures: list[Departure]) -> FinalView:
    """Reads it until it is whole; a copy of a departed worker may take a lease's term to be seen offline."""
    deadline = time.monotonic() + 60
    while True:
        try:
            view = await _read(port, server, room, jwt)
            gone = {name: each.worker for each in departures if each.room == room for name in each.model_ids}
            if time.monotonic() > deadline or all(_is_offline(view.models, *pair) for pair in gone.items()):
                return view
        except Lost as error:
            if time.monotonic() > deadline:
                raise Unsettled(f"server {server} did not answer the final reading: {error}") from error
        await asyncio.sleep(0.3)


async def _read(port: int, server: int, room: str, jwt: str) -> FinalView:
    registration = {"role": "client", "room_id": room, "jwt": jwt, "peer_id": f"final-{server}"}
    connection = await Connection.open(port, registration, lambda message: None)
    try:
        changes: list[Entry] = []
        while True:
            after = changes[-1]["revision"] if changes else 0
            page = await _query(connection, {"command": "history", "after_revision": after, "limit": PAGE})
            changes += page["changes"]
            # A page that does not lead on would be asked for without end; the check will name what is wrong with it.
            if not page["changes"] or not after < changes[-1]["revision"] < page["revision"]:
                break
        whole = await _query(connection, {"command": "manifest"})
        manifest = whole["manifest"]
        return FinalView(
            room, server, whole["epoch"], whole["revision"], changes, manifest["models"], manifest["aliases"]
        )
    finally:
        await connection.close()


async def _query(connection: Connection, question: Entry) -> Entry:
    reply = await connection.ask({"type": "registry_query", **question}, seconds=20)
    if reply["type"] == "error":
        raise Lost(f"{reply['code']} {reply['message']}")
    return reply


def _is_offline(models: dict[str, Entry], name: str, worker: str) -> bool:
    copies = (models.get(name) or {}).get("copies") or []
    return not any(copy["worker"] == worker and copy["online"] for copy in copies)
