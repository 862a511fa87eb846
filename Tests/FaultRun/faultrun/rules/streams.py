"""Watchers: every change once, in order, over all their reconnects, with the content the record has."""

from collections.abc import Iterator

from ..history import Event, Subscription, Watcher, of_kind
from ..timeline import content
from .room import Room, Violation


def streams_are_whole(room: Room) -> Iterator[Violation]:
    """(e) No gap, repeat or reordering, no other epoch, no refused resume."""
    position: dict[str, int] = {}
    for record in room.records:
        if isinstance(record, Subscription):
            yield from _subscribed(room, record, position)
        elif isinstance(record, Event):
            yield from _event(room, record, position)
    for watcher in of_kind(room.records, Watcher):
        if position.get(watcher.client, 0) != room.timeline.last:
            text = f"{watcher.client} was watching and stayed at {position.get(watcher.client)} of {room.timeline.last}"
            yield room.violation("stream-behind", text)


def _subscribed(room: Room, record: Subscription, position: dict[str, int]) -> Iterator[Violation]:
    if record.epoch != room.epoch:
        yield room.violation("stream-epoch", f"{record.client} subscribed to epoch {record.epoch}", record)
    if record.mode == "resume":
        position[record.client] = record.since[1] if record.since else 0
        return
    if record.since:
        yield room.violation("resume-refused", f"{record.client} asked to resume and got a snapshot", record)
    shown = {entry["id"]: content(entry) for entry in record.models or []}
    expected = room.timeline.models_at(record.revision)
    live = {name: entry for name, entry in expected.items() if entry["deleted_at"] is None or name in shown}
    if shown != live:
        text = f"{record.client}: the snapshot is not the room at revision {record.revision}"
        yield room.violation("snapshot-content", text, sorted(name for name in live if shown.get(name) != live[name]))
    position[record.client] = record.revision


def _event(room: Room, event: Event, position: dict[str, int]) -> Iterator[Violation]:
    at = position.get(event.client, 0)
    if event.revision <= at:
        yield room.violation("stream-repeat", f"{event.client} heard {event.revision} again, after {at}", event)
        return
    if event.revision != at + 1:
        yield room.violation("stream-gap", f"{event.client} heard {event.revision} after {at}", event)
    position[event.client] = event.revision
    change = room.timeline.by_revision.get(event.revision)
    if event.epoch != room.epoch:
        yield room.violation("stream-epoch", f"{event.client} heard of epoch {event.epoch}", event)
    if change is None:
        yield room.violation("stream-content", f"{event.client} heard of {event.revision}, which never was", event)
    elif (event.change, event.model_id, content(event.model)) != (
        change["kind"],
        change["model_id"],
        content(change["after"]),
    ) or (event.alias is not None and event.alias != change["alias"]):
        text = f"{event.client} heard another change {event.revision} than is recorded"
        yield room.violation("stream-content", text, event, change)
