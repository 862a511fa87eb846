"""The command line of the fault run."""

import argparse
import asyncio
import json
import sys
import tempfile
import unittest
from pathlib import Path

from .campaign import Outcome, Plan, run
from .check import check
from .faults import nothing, outage
from .history import Note, load, of_kind, save
from .proof import prove
from .report import show, show_violations, summary
from .stores import MissingProgram
from .world import Refused


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Tests/FaultRun/run", description=__doc__)
    parser.add_argument("--room-server", type=Path, metavar="PATH", help="the program under test")
    parser.add_argument("--rounds", type=int, default=200, help="bursts of requests with one fault each (200)")
    parser.add_argument("--seed", type=int, default=1, help="decides faults and requests, not the interleaving (1)")
    parser.add_argument("--servers", type=int, default=2, help="room-server processes on the same stores (2)")
    parser.add_argument("--clients", type=int, default=12, help="of which two per room are workers (12)")
    parser.add_argument("--rooms", type=int, default=2)
    parser.add_argument("--embedded", action="store_true", help="one server on SQLite, no stores")
    parser.add_argument("--no-s3", action="store_true", help="without an object store")
    parser.add_argument("--replica-reads", action="store_true", help="a read may lag behind another server's replies")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="work there and keep history, data and output")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument("--outage", type=float, metavar="SECONDS", help="one round: all stores away for so long")
    parser.add_argument("--prove", action="store_true", help="plant bugs and see that each is caught")
    parser.add_argument("--bug", metavar="NAME", help="with --prove: only this one")
    parser.add_argument("--check", type=Path, metavar="FILE", help="check a kept history again")
    parser.add_argument("--self-test", action="store_true", help="test the check on small histories made by hand")
    return parser.parse_args()


def conclude(outcome: Outcome, options: argparse.Namespace) -> int:
    violations = check(outcome.records, options.replica_reads)
    told = summary(outcome, violations)
    if options.json:
        print(json.dumps(told, indent=1))
    else:
        show(told)
        show_violations(violations, outcome.troubles)
        print(f"seed {options.seed}: {told['verdict']}")
    if told["verdict"] == "kept":
        return 0
    if not options.check:
        kept = (options.keep or Path(tempfile.gettempdir())) / f"fault-run-seed-{options.seed}.jsonl"
        save(outcome.records, kept)
        print(f"history kept; check it again with --check {kept}", file=sys.stderr)
    return 1


def recheck(options: argparse.Namespace) -> int:
    records = load(options.check)
    troubles = [note.details["text"] for note in of_kind(records, Note) if note.what == "trouble"]
    return conclude(Outcome(records, troubles), options)


def self_test() -> int:
    suite = unittest.defaultTestLoader.discover(str(Path(__file__).parent.parent), pattern="test_*.py")
    return 0 if unittest.TextTestRunner(verbosity=1).run(suite).wasSuccessful() else 1


def main() -> int:
    options = arguments()
    if options.self_test:
        return self_test()
    if options.check:
        return recheck(options)
    if not options.room_server or not options.room_server.exists():
        print("--room-server must name the built program", file=sys.stderr)
        return 64
    plan = Plan(
        options.room_server.resolve(),
        options.rounds,
        options.seed,
        options.servers,
        options.clients,
        options.rooms,
        options.embedded,
        not options.no_s3,
    )
    if options.outage and options.embedded:
        print("--outage needs stores: leave --embedded out", file=sys.stderr)
        return 64
    if options.outage:
        plan.rounds, plan.faults = 3, (nothing, outage(options.outage), nothing)
    try:
        if options.prove:
            return 0 if prove(plan, options.replica_reads, options.bug) else 1
        plan.folder = options.keep.resolve() if options.keep else None
        return conclude(run(plan), options)
    except asyncio.CancelledError:
        print("ended by SIGTERM", file=sys.stderr)
        return 1
    except (MissingProgram, Refused) as error:
        print(error, file=sys.stderr)
        return 69


sys.exit(main())
