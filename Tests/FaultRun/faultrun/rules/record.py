"""The record itself: one unbroken history, the same from every server, holding each request once."""

from collections.abc import Iterator

from ..history import Operation
from ..timeline import UNASKED, marker, recorded
from .room import READS, Room, Violation


def one_history(room: Room) -> Iterator[Violation]:
    """(b) Revisions are 1…N, of one epoch, and every server tells the same."""
    for view in room.views:
        revisions = [change["revision"] for change in view.changes]
        if revisions != list(range(1, len(revisions) + 1)):
            at = next(n for n, revision in enumerate(revisions, 1) if n != revision)
            text = f"server {view.server}: revision {revisions[at - 1]} stands where {at} should"
            yield room.violation("history-contiguous", text, *view.changes[max(at - 2, 0) : at + 1])
        if view.revision != len(revisions):
            text = f"server {view.server} says revision {view.revision} and tells {len(revisions)} changes"
            yield room.violation("history-contiguous", text)
        if view.epoch != room.epoch:
            yield room.violation("history-epoch", f"servers name the epochs {room.epoch} and {view.epoch}")
        told, first_told = ([recorded(change) for change in changes] for changes in (view.changes, room.changes))
        if told != first_told:
            differing = [pair for pair in zip(told, first_told, strict=False) if pair[0] != pair[1]][:1]
            yield room.violation("history-differs", f"server {view.server} tells another history", *differing)
    for change, text in room.timeline.faults[:3]:
        yield room.violation("history-before", f"change {change['revision']}: {text}", change)


def every_change_was_asked_for_once(room: Room) -> Iterator[Violation]:
    """(b) No request took effect twice, and nothing happened that nobody asked for."""
    asked = {operation.id: operation for operation in room.operations if operation.kind not in READS}
    seen: dict[str, int] = {}
    for change in room.changes:
        name = marker(change)
        if change["kind"] in UNASKED:
            continue
        if name not in asked:
            yield room.violation("change-unasked", f"nobody asked for change {change['revision']} ({name})", change)
        elif name in seen:
            text = f"{name} took effect at revisions {seen[name]} and {change['revision']}"
            yield room.violation("applied-twice", text, asked[name], change)
        else:
            seen[name] = change["revision"]


def refused_means_nothing_changed(room: Room) -> Iterator[Violation]:
    """(c) A request that was answered with an error never took effect."""
    refused = {each.id: each for each in room.operations if each.outcome == "refused"}
    for change in room.changes:
        operation: Operation | None = refused.get(marker(change) or "")
        if operation and change["kind"] not in UNASKED:
            text = f"{operation.id} was answered {operation.code} and is change {change['revision']}"
            yield room.violation("refused-took-effect", text, operation, change)
