"""What happened, as records: one JSON line each, in the order this process saw them; times are monotonic seconds."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO, TypeVar

Entry = dict[str, Any]
T = TypeVar("T")


@dataclass
class Operation:
    """One request of one client, with what came of it.

    `outcome` is `ok`, `refused` (answered with an error: it must never have taken effect) or `unknown` (no answer: it
    may have). A publish repeated with its idempotency key is one operation of several attempts.
    """

    id: str
    client: str
    socket: int
    server: int
    room: str
    kind: str
    arguments: Entry
    begin: float
    end: float | None = None
    outcome: str = "unknown"
    code: str | None = None
    reply: Entry = field(default_factory=dict)
    attempts: int = 1


@dataclass
class Subscription:
    """An answered `registry_subscribe`; `models` are those of its snapshot, None when it resumed."""

    client: str
    socket: int
    server: int
    room: str
    since: list[Any] | None
    mode: str
    epoch: str
    revision: int
    at: float
    models: list[Entry] | None = None


@dataclass
class Event:
    """One `registry_event` as it arrived."""

    client: str
    socket: int
    server: int
    room: str
    epoch: str
    revision: int
    change: str
    model_id: str
    alias: str | None
    model: Entry | None
    at: float


@dataclass
class FinalView:
    """What one server says of one room after all was healed and quiet."""

    room: str
    server: int
    epoch: str
    revision: int
    changes: list[Entry]
    models: dict[str, Entry]
    aliases: dict[str, str]


@dataclass
class Watcher:
    """A client that was connected when all was quiet: it must have reached the last revision."""

    client: str
    room: str


@dataclass
class Departure:
    """A worker that left for good after publishing these models."""

    room: str
    worker: str
    model_ids: list[str]


@dataclass
class Note:
    """A step of the run itself: `round`, `fault`, `healed`, `recovered`, `trouble`."""

    what: str
    at: float
    details: Entry = field(default_factory=dict)


Record = Operation | Subscription | Event | FinalView | Watcher | Departure | Note
KINDS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Operation, Subscription, Event, FinalView, Watcher, Departure, Note)
}


def encode(record: Record) -> str:
    return json.dumps({"record": type(record).__name__, **asdict(record)}, separators=(",", ":"))


def decode(line: str) -> Record:
    fields = json.loads(line)
    return KINDS[fields.pop("record")](**fields)


def save(records: Iterable[Record], path: Path) -> None:
    path.write_text("".join(encode(record) + "\n" for record in records))


def load(path: Path) -> list[Record]:
    with path.open() as lines:
        return [decode(line) for line in lines]


class Recorder:
    """Keeps every record in memory and, as it comes, in a file."""

    def __init__(self, path: Path | None = None) -> None:
        self.records: list[Record] = []
        self._file: TextIO | None = path.open("w") if path else None

    def add(self, record: Record) -> None:
        self.records.append(record)
        if self._file:
            self._file.write(encode(record) + "\n")

    def close(self) -> None:
        if self._file:
            self._file.close()


def of_kind(records: Iterable[Any], kind: type[T]) -> list[T]:
    return [record for record in records if isinstance(record, kind)]
