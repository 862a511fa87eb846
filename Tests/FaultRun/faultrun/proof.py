"""The proof of the check: each planted bug is noticed by a rule that names it, and a run without one is clean."""

import dataclasses

from .campaign import Plan, run
from .check import check
from .faults import cut_connections, kill_server, nothing
from .liar import Lie
from .lies import BUGS

ROUNDS = 6
FAULTS = (nothing, cut_connections, nothing, kill_server)


def prove(plan: Plan, replica_reads: bool, only: str | None = None) -> bool:
    """Prints a table, bug by bug; true when all were caught and the honest run was clean."""
    short = dataclasses.replace(
        plan, rounds=ROUNDS, faults=FAULTS, pause=0.03, quiet=True, folder=None, clients=min(plan.clients, 8), rooms=1
    )
    print(f"{'planted bug':<32} {'caught by':<56} verdict", flush=True)
    proved = _try(short, None, replica_reads)
    for bug in (bug for bug in BUGS if only in (None, bug.__name__)):
        proved = _try(short, bug(), replica_reads) and proved
    return proved


def _try(plan: Plan, lie: Lie | None, replica_reads: bool) -> bool:
    outcome = run(dataclasses.replace(plan, lie=lie or Lie()))
    violations = check(outcome.records, replica_reads)
    rules = sorted({violation.rule for violation in violations})
    if lie is None:
        good, verdict = not rules and not outcome.troubles, "clean"
    else:
        good, verdict = lie.told and bool(set(lie.rules) & set(rules)), "caught"
    name = lie.name if lie else "(none)"
    said = ", ".join(rules + outcome.troubles) or ("—" if lie is None or lie.told else "— the bug was never planted")
    print(f"{name:<32} {said:<56} {verdict if good else 'NOT ' + verdict.upper()}", flush=True)
    if not good:
        for violation in violations[:3]:
            print(f"    {violation.rule}: {violation.text}", flush=True)
    return good
