"""Acknowledged writes: none lost, each with the content it promised, in an order real time allows."""

from collections.abc import Iterator

from ..history import Entry, Operation
from ..timeline import UNASKED, content, marker
from .room import READS, Room, Violation

CHANGE_KINDS = {
    "publish": ("published",),
    "update": ("updated",),
    "alias": ("aliased", "unaliased"),
    "withdraw": ("withdrawn",),
    "restore": ("restored",),
}
MAY_CHANGE_NOTHING = ("alias", "withdraw", "restore")


def acknowledged_means_recorded(room: Room) -> Iterator[Violation]:
    """(a) Every positive reply to a write names its own change, or a revision that already was as asked."""
    recorded = {marker(change): change for change in room.changes if change["kind"] not in UNASKED}
    for operation in room.operations:
        if operation.kind in READS or operation.outcome != "ok":
            continue
        revision = operation.reply["revision"]
        change = recorded.get(operation.id)
        if operation.reply["epoch"] != room.epoch:
            yield room.violation("ack-epoch", f"{operation.id} was acknowledged in another epoch", operation)
        elif change is None and operation.kind in MAY_CHANGE_NOTHING:
            if not _was_already_so(room, operation, revision):
                yield room.violation("ack-lost", f"{operation.id} was acknowledged and is not recorded", operation)
        elif change is None:
            yield room.violation("ack-lost", f"{operation.id} was acknowledged and is not recorded", operation)
        elif change["revision"] != revision:
            text = f"{operation.id} was acknowledged as revision {revision} and is {change['revision']}"
            yield room.violation("ack-revision", text, operation, change)
        elif wrong := _wrong_content(room, operation, change):
            yield room.violation("ack-content", f"{operation.id}: {wrong}", operation, change)


def aliases_move_only_as_allowed(room: Room) -> Iterator[Violation]:
    """(d) A compare-and-set alias moved only from the holder it named, an unforced one only when it was free."""
    by_id = {operation.id: operation for operation in room.operations if operation.kind == "alias"}
    for change in room.changes:
        operation = by_id.get(marker(change) or "")
        if operation is None or change["kind"] not in CHANGE_KINDS["alias"]:
            continue
        held = room.timeline.alias(operation.arguments["alias"], change["revision"] - 1)
        if not _precondition(operation.arguments, held):
            text = f"{operation.id} moved {operation.arguments['alias']} at {change['revision']} from {held}"
            yield room.violation("alias-precondition", text, operation, change)
        if operation.outcome == "ok" and operation.reply.get("previous_model_id") != held:
            text = f"{operation.id} names {operation.reply.get('previous_model_id')} as former holder, not {held}"
            yield room.violation("ack-content", text, operation, change)


def writes_keep_real_time(room: Room) -> Iterator[Violation]:
    """(d) A write begun after a revision was known comes after it; unknown writes too, when they took effect."""
    by_id = {operation.id: operation for operation in room.operations}
    for change in room.changes:
        operation = by_id.get(marker(change) or "")
        if operation is None or change["kind"] in UNASKED:
            continue
        known = room.known.before(operation.begin)
        if change["revision"] <= known:
            text = f"{operation.id} is change {change['revision']}; {known} was known before it was sent"
            yield room.violation("write-order", text, operation, change)


def _precondition(arguments: Entry, held: str | None) -> bool:
    if "expected_model_id" in arguments:
        return held == arguments["expected_model_id"]
    return bool(arguments.get("force")) or held in (None, arguments["model_id"]) or arguments["model_id"] is None


def _was_already_so(room: Room, operation: Operation, revision: int) -> bool:
    arguments = operation.arguments
    if revision > room.timeline.last or revision < room.known_to(operation):
        return False
    if operation.kind == "alias":
        held = room.timeline.alias(arguments["alias"], revision)
        return held == arguments["model_id"] and _precondition(arguments, held)
    entry = room.timeline.model(arguments["model_id"], revision)
    return entry is not None and (entry["deleted_at"] is not None) == (operation.kind == "withdraw")


def _wrong_content(room: Room, operation: Operation, change: Entry) -> str | None:
    reply, arguments = operation.reply, operation.arguments
    if change["kind"] not in CHANGE_KINDS[operation.kind]:
        return f"it is recorded as {change['kind']}"
    if "model" in reply and content(reply["model"]) != content(change["after"]):
        return "the acknowledged entry is not the recorded one"
    if operation.kind == "publish":
        after = change["after"]
        if after["files"] != arguments["model"]["files"] or after["name"] != arguments["model"]["name"]:
            return "the recorded entry is not the published one"
        alias = arguments.get("alias")
        return None if alias is None or alias in after["aliases"] else f"it did not get the alias {alias}"
    if operation.kind == "alias":
        held = room.timeline.alias(arguments["alias"], change["revision"])
        return None if held == arguments["model_id"] else f"the alias went to {held}"
    return None if change["model_id"] == reply.get("model_id", change["model_id"]) else "another model was changed"
