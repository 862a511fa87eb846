"""The end: every server shows the same manifest, and it is the fold of the history."""

from collections.abc import Iterator

from ..history import Departure, of_kind
from ..timeline import content
from .room import Room, Violation


def manifests_are_the_fold(room: Room) -> Iterator[Violation]:
    """(f) Final manifests equal the fold of the history, hence each other."""
    expected, aliases = room.timeline.models_at(room.timeline.last), room.timeline.aliases_at(room.timeline.last)
    for view in room.views:
        shown = {name: content(entry) for name, entry in view.models.items()}
        for name in sorted(shown.keys() | expected.keys()):
            entry = expected.get(name)
            if shown.get(name) == entry or (name not in shown and entry and entry["deleted_at"] is not None):
                continue
            text = f"server {view.server} shows {name} otherwise than its history makes it"
            yield room.violation("manifest-differs", text, shown.get(name), entry)
        if view.aliases != aliases:
            differing = dict(view.aliases.items() ^ aliases.items())
            yield room.violation("manifest-differs", f"server {view.server} shows other aliases", differing)


def departed_workers_models_stay(room: Room) -> Iterator[Violation]:
    """(g) A worker that left keeps its copies, and they are offline."""
    for departure in of_kind(room.records, Departure):
        for view in room.views:
            for name in departure.model_ids:
                copies = (view.models.get(name) or {}).get("copies") or []
                copy = next((each for each in copies if each["worker"] == departure.worker), None)
                if copy is None or copy["online"]:
                    state = "lost" if copy is None else "still online"
                    text = f"server {view.server}: {name}, of {departure.worker} that left: its copy is {state}"
                    yield room.violation("departed-worker", text, copies)
