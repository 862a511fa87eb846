"""Whether a history keeps what the protocol promises. Pure: records in, violations out.

Revisions give the total order of all writes, so linearizability needs no search: each request must fit that order at a
place real time allows, and say what the state at that place was. Writes without an answer may have taken effect or not.
"""

from collections.abc import Callable, Iterable, Iterator

from .history import Record
from .rules import finals, reads, record, streams, writes
from .rules.room import Room, Violation

Rule = Callable[[Room], Iterator[Violation]]
RULES: tuple[Rule, ...] = (
    record.one_history,
    record.every_change_was_asked_for_once,
    record.refused_means_nothing_changed,
    writes.acknowledged_means_recorded,
    writes.aliases_move_only_as_allowed,
    writes.writes_keep_real_time,
    reads.answers_are_true,
    reads.sockets_never_go_back,
    streams.streams_are_whole,
    finals.manifests_are_the_fold,
    finals.departed_workers_models_stay,
)


def rooms(records: Iterable[Record]) -> list[str]:
    return sorted({each.room for each in records if hasattr(each, "room")})


def check(records: list[Record], replica_reads: bool = False) -> list[Violation]:
    """All violations, room by room. `replica_reads`: a read may lag behind what another server has told."""
    found: list[Violation] = []
    for name in rooms(records):
        room = Room(name, records, replica_reads)
        if not room.views:
            found.append(room.violation("unfinished", "nothing was read from this room at the end"))
            continue
        for rule in RULES:
            found.extend(rule(room))
    return found
