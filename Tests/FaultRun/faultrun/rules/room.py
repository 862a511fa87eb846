"""What every rule gets to see: one room's records, its timeline, and what was known when."""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

from ..history import Event, FinalView, Operation, Record, Subscription, of_kind
from ..timeline import Timeline

READS = ("info", "list")


@dataclass
class Violation:
    """One broken promise: the rule's name, what is wrong, and the few records that show it."""

    rule: str
    room: str
    text: str
    excerpt: list[Any] = field(default_factory=list)


class Knowledge:
    """The highest revision anybody had been told of before a moment: by reply, event or subscription."""

    def __init__(self, observations: list[tuple[float, int]]) -> None:
        self._times: list[float] = []
        self._highest: list[int] = []
        highest = 0
        for time, revision in sorted(observations):
            highest = max(highest, revision)
            self._times.append(time)
            self._highest.append(highest)

    def before(self, time: float) -> int:
        place = bisect_left(self._times, time)
        return self._highest[place - 1] if place else 0


class Room:
    def __init__(self, name: str, records: list[Record], replica_reads: bool = False) -> None:
        mine = [record for record in records if getattr(record, "room", None) == name]
        self.name = name
        self.records = mine
        self.operations = of_kind(mine, Operation)
        self.events = of_kind(mine, Event)
        self.subscriptions = of_kind(mine, Subscription)
        self.views = of_kind(mine, FinalView)
        self.changes = max((view.changes for view in self.views), key=len, default=[])
        self.epoch = self.views[0].epoch if self.views else ""
        self.timeline = Timeline(self.changes)
        self.known = Knowledge(self._observations(None))
        servers = {operation.server for operation in self.operations}
        self._known_at = {server: Knowledge(self._observations(server)) for server in servers} if replica_reads else {}

    def known_to(self, operation: Operation) -> int:
        """The revision a read must not fall behind: with replica reads, what its own server had told by then."""
        return self._known_at.get(operation.server, self.known).before(operation.begin)

    def violation(self, rule: str, text: str, *excerpt: Any) -> Violation:
        return Violation(rule, self.name, text, list(excerpt))

    def _observations(self, server: int | None) -> list[tuple[float, int]]:
        seen = [
            (each.end, each.reply["revision"], each.server)
            for each in self.operations
            if each.outcome == "ok" and each.end is not None and "revision" in each.reply
        ]
        seen += [(each.at, each.revision, each.server) for each in (*self.events, *self.subscriptions)]
        return [(time, revision) for time, revision, at in seen if server is None or at == server]
