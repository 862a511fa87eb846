"""Reads: each answer is the state at the revision it names, and that revision was current while it was asked."""

from collections.abc import Iterator

from ..history import Entry, Operation
from ..timeline import content
from .room import READS, Room, Violation


def answers_are_true(room: Room) -> Iterator[Violation]:
    """(d) What a read or refusal says is the state of some revision between its question and its answer."""
    for operation in room.operations:
        if operation.end is None:
            continue
        if operation.outcome == "refused":
            yield from _refusal(room, operation)
        elif operation.outcome == "ok" and operation.kind in READS:
            yield from _answer(room, operation)


def sockets_never_go_back(room: Room) -> Iterator[Violation]:
    """(e) On one socket a query sees every write acknowledged there before, and no query shows less than the last."""
    highest: dict[tuple[str, int], Operation] = {}
    for operation in room.operations:
        # A repeated publish returns its first answer, which may be an old revision.
        if operation.outcome != "ok" or operation.attempts > 1:
            continue
        place = (operation.client, operation.socket)
        before = highest.get(place)
        revision = operation.reply["revision"]
        if before and revision < before.reply["revision"] and operation.kind in READS:
            text = f"{operation.id} shows revision {revision} after {before.id} showed {before.reply['revision']}"
            yield room.violation("socket-backwards", text, before, operation)
        if before is None or revision >= before.reply["revision"]:
            highest[place] = operation


def _answer(room: Room, operation: Operation) -> Iterator[Violation]:
    revision, known = operation.reply["revision"], room.known_to(operation)
    if operation.reply["epoch"] != room.epoch:
        yield room.violation("read-epoch", f"{operation.id} was answered in another epoch", operation)
    elif revision > room.timeline.last:
        yield room.violation("read-future", f"{operation.id} shows revision {revision}, which never was", operation)
    elif revision < known:
        text = f"{operation.id} shows revision {revision}; {known} was known before it was asked"
        yield room.violation("read-stale", text, operation, room.timeline.by_revision.get(known))
    elif wrong := _wrong_answer(room, operation, revision):
        yield room.violation("read-content", f"{operation.id}: {wrong}", operation)


def _wrong_answer(room: Room, operation: Operation, revision: int) -> str | None:
    if operation.kind == "info":
        name = operation.arguments["model_id"]
        expected = room.timeline.resolve(name, revision)
        if content(operation.reply["model"]) != expected:
            return f"{name} was {_short(expected)} at revision {revision}, not {_short(operation.reply['model'])}"
        return None
    for entry in operation.reply["models"]:
        if content(entry) != room.timeline.model(entry["id"], revision):
            return f"{entry['id']} is listed as it was not at revision {revision}"
    shown = sum(entry["deleted_at"] is None for entry in room.timeline.models_at(revision).values())
    count = operation.reply["count"]
    return None if count == shown else f"{count} models are counted, {shown} were there at revision {revision}"


def _refusal(room: Room, operation: Operation) -> Iterator[Violation]:
    """A refusal that names the holder of an alias, or that there is none, is a read of it."""
    known, arguments = room.known_to(operation), operation.arguments
    last = room.timeline.last
    if operation.code == "ALIAS_TAKEN" and "alias" in arguments:
        holders = room.timeline.alias_between(arguments["alias"], known, last)
        if operation.reply.get("holder_model_id") not in holders:
            text = f"{operation.id}: {operation.reply.get('holder_model_id')} did not hold {arguments['alias']} then"
            yield room.violation("refusal-untrue", text, operation)
    elif operation.code == "MODEL_NOT_FOUND" and operation.kind == "info":
        name = arguments["model_id"]
        if name in room.timeline.alias_names and None not in room.timeline.alias_between(name, known, last):
            yield room.violation("refusal-untrue", f"{operation.id}: {name} was held all the time", operation)


def _short(entry: Entry | None) -> str:
    return f"{entry['id']} (revision {entry['revision']})" if entry else "absent"
