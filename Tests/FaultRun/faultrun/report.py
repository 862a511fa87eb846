"""What happened, as a table for people and as JSON."""

import json
from collections import Counter
from dataclasses import asdict, is_dataclass
from typing import Any

from .campaign import Outcome
from .history import Entry, Event, Note, Operation, of_kind
from .rules.room import Violation


def quantile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else 0.0


def spread(values: list[float]) -> Entry:
    named = {"median": 0.5, "p99": 0.99, "max": 1.0}
    return {"count": len(values)} | {name: round(quantile(values, part), 3) for name, part in named.items()}


def summary(outcome: Outcome, violations: list[Violation]) -> Entry:
    operations, events = of_kind(outcome.records, Operation), of_kind(outcome.records, Event)
    notes = of_kind(outcome.records, Note)
    recoveries: dict[str, list[float]] = {}
    for note in notes:
        if note.what == "recovered":
            recoveries.setdefault(note.details["fault"], []).append(note.details["seconds"])
    kinds = sorted({operation.kind for operation in operations})
    counts = Counter((operation.kind, operation.outcome) for operation in operations)
    outcomes = ("ok", "refused", "unknown")
    return {
        "seconds": round(outcome.seconds, 1),
        "faults": Counter(note.details["fault"] for note in notes if note.what == "fault"),
        "operations": {kind: {each: counts[kind, each] for each in outcomes} for kind in kinds},
        "repeated": sum(operation.attempts > 1 for operation in operations),
        "refusals": Counter(operation.code for operation in operations if operation.outcome == "refused"),
        "events": len(events),
        "recovery": {fault: spread(seconds) for fault, seconds in sorted(recoveries.items())},
        "event_latency": latencies(operations, events),
        "server_starts": outcome.starts,
        "outages": [
            note.details["details"] for note in notes if note.what == "healed" and "readyz" in note.details["details"]
        ],
        "troubles": outcome.troubles,
        "violations": Counter(violation.rule for violation in violations),
        "verdict": "kept" if not violations and not outcome.troubles else "BROKEN",
    }


def latencies(operations: list[Operation], events: list[Event]) -> Entry:
    """From a reply to its event, at watchers of the same and of other servers; an event that came first counts as 0."""
    acknowledged = {
        (each.room, each.reply["revision"]): each
        for each in operations
        if each.outcome == "ok" and each.attempts == 1 and each.kind not in ("info", "list")
    }
    same: list[float] = []
    other: list[float] = []
    for event in events:
        write = acknowledged.get((event.room, event.revision))
        if write and write.end is not None:
            (same if write.server == event.server else other).append(max(event.at - write.end, 0.0))
    return {"same_server": spread(same), "other_server": spread(other)}


def show(told: Entry) -> None:
    print(f"\nfaults ({told['seconds']} s)".ljust(36) + "rounds   recovery after healing: median      p99      max")
    for fault, count in sorted(told["faults"].items()):
        took = told["recovery"].get(fault, spread([]))
        print(f"  {fault:<33}{count:>6}{took['median']:>34.2f}{took['p99']:>9.2f}{took['max']:>9.2f} s")
    print("requests".ljust(35) + f"{'ok':>6}{'refused':>10}{'unknown':>10}")
    for kind, counts in told["operations"].items():
        print(f"  {kind:<33}{counts['ok']:>6}{counts['refused']:>10}{counts['unknown']:>10}")
    print(f"publishes repeated with their key  {told['repeated']:>6}")
    print(f"refusals                           {dict(told['refusals'])}")
    print(f"events heard                       {told['events']:>6}")
    for where, took in told["event_latency"].items():
        name = f"event after reply, {where.replace('_', ' ')}"
        print(f"{name:<35}{took['median']:>6.3f} median {took['p99']:.3f} p99 {took['max']:.3f} max s")
    for text in told["outages"]:
        print(f"outage of all stores               {text}")
    print(f"server starts                      {told['server_starts']}")


def show_violations(violations: list[Violation], troubles: list[str]) -> None:
    for trouble in troubles:
        print(f"TROUBLE {trouble}")
    shown: Counter[str] = Counter()
    for violation in violations:
        shown[violation.rule] += 1
        if shown[violation.rule] > 3:
            continue
        print(f"VIOLATION {violation.rule} in room {violation.room}: {violation.text}")
        for each in violation.excerpt:
            print(f"    {shorten(each)}")
    for rule, count in shown.items():
        if count > 3:
            print(f"… {count} violations of {rule} in all")


def shorten(each: Any) -> str:
    plain = asdict(each) if is_dataclass(each) and not isinstance(each, type) else each
    text = json.dumps(plain, separators=(",", ":"), default=str)
    return text if len(text) <= 700 else text[:700] + "…"
