"""The state of a room at every revision, folded from its history."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from .history import Entry

# Presence, not record: they change without a revision. `alias` follows from `aliases` and the order of assignment.
VOLATILE = ("copies", "available_on_workers", "alias")
# Changes a server makes on its own account; every other one must have been asked for.
UNASKED = ("copied", "stored", "missing")


def content(entry: Entry | None) -> Entry | None:
    """An entry reduced to what the record says of it, in one order."""
    if entry is None:
        return None
    kept = {key: value for key, value in entry.items() if key not in VOLATILE}
    return kept | {"aliases": sorted(entry.get("aliases") or []), "tags": sorted(entry.get("tags") or [])}


def recorded(change: Entry) -> Entry:
    """A change as the record keeps it: when workers were last seen is each server's own knowledge of the moment."""
    return {key: _without_presence(value) if key in ("before", "after") else value for key, value in change.items()}


def _without_presence(entry: Entry | None) -> Entry | None:
    if entry is None:
        return None
    copies = [
        {key: value for key, value in copy.items() if key not in ("online", "last_seen")}
        for copy in entry.get("copies") or []
    ]
    return {key: value for key, value in entry.items() if key != "available_on_workers"} | {"copies": copies}


def marker(change: Entry) -> str | None:
    """The id of the operation that asked for a change: each kind carries it where nothing else writes."""
    after = change.get("after") or {}
    if change["kind"] == "published":
        return (after.get("hyperparameters") or {}).get("op")
    if change["kind"] == "updated":
        return after.get("notes")
    return change.get("reason")


class Versions:
    """The values of one thing by revision."""

    def __init__(self) -> None:
        self._revisions: list[int] = []
        self._values: list[Any] = []

    def put(self, revision: int, value: Any) -> None:
        self._revisions.append(revision)
        self._values.append(value)

    def at(self, revision: int) -> Any:
        place = bisect_right(self._revisions, revision)
        return self._values[place - 1] if place else None

    def between(self, first: int, last: int) -> Iterator[Any]:
        """The value at `first` and each one it changed to up to `last`."""
        yield self.at(first)
        yield from self._values[bisect_right(self._revisions, first) : bisect_right(self._revisions, last)]


class Timeline:
    """Folds changes in order; `faults` tells of changes whose `before` is not what the fold says."""

    def __init__(self, changes: list[Entry]) -> None:
        self.changes = changes
        self.by_revision = {change["revision"]: change for change in changes}
        self.last = max(self.by_revision, default=0)
        self.model_ids: set[str] = set()
        self.alias_names: set[str] = set()
        self.faults: list[tuple[Entry, str]] = []
        self._models: dict[str, Versions] = {}
        self._aliases: dict[str, Versions] = {}
        for change in changes:
            self._fold(change)

    def model(self, model_id: str, revision: int) -> Entry | None:
        return self._models[model_id].at(revision) if model_id in self._models else None

    def alias(self, name: str, revision: int) -> str | None:
        return self._aliases[name].at(revision) if name in self._aliases else None

    def alias_between(self, name: str, first: int, last: int) -> set[str | None]:
        return set(self._aliases[name].between(first, last)) if name in self._aliases else {None}

    def resolve(self, name: str, revision: int) -> Entry | None:
        """What `get_model_info` of an id or alias answers at a revision."""
        return self.model(self.alias(name, revision) or name, revision)

    def models_at(self, revision: int) -> dict[str, Entry]:
        each = ((model_id, self.model(model_id, revision)) for model_id in self.model_ids)
        return {model_id: entry for model_id, entry in each if entry is not None}

    def aliases_at(self, revision: int) -> dict[str, str]:
        each = ((name, self.alias(name, revision)) for name in self.alias_names)
        return {name: model_id for name, model_id in each if model_id is not None}

    def _fold(self, change: Entry) -> None:
        revision, model_id = change["revision"], change["model_id"]
        after, held = content(change["after"]), self.model(model_id, revision)
        if content(change["before"]) != held:
            self.faults.append((change, f"its `before` is not {model_id} as the changes up to it left it"))
        if after is None:
            return
        for name in set(after["aliases"]) - set(held["aliases"] if held else []):
            self._take(name, model_id, revision)
        for name in set(held["aliases"] if held else []) - set(after["aliases"]):
            self._set_alias(name, None, revision)
        self._set_model(model_id, after, revision)

    def _take(self, name: str, model_id: str, revision: int) -> None:
        """Moves an alias; its former holder changes with it, at the same revision."""
        holder = self.alias(name, revision)
        entry = self.model(holder, revision) if holder else None
        if holder and entry:
            left = [each for each in entry["aliases"] if each != name]
            self._set_model(holder, entry | {"aliases": left, "revision": revision}, revision)
        self._set_alias(name, model_id, revision)

    def _set_model(self, model_id: str, entry: Entry, revision: int) -> None:
        self.model_ids.add(model_id)
        self._models.setdefault(model_id, Versions()).put(revision, entry)

    def _set_alias(self, name: str, model_id: str | None, revision: int) -> None:
        self.alias_names.add(name)
        self._aliases.setdefault(name, Versions()).put(revision, model_id)
