"""The sections that are measured on real stores: what they need, their rounds and their reports."""

import sys
from contextlib import ExitStack

import stores_report
import stores_servers
from measures import Bench
from servers import IS_PINNED, Fault
from stores_measures import Stores, durable_round, lookup_round, watch_round
from stores_restore import FullRecord, restore_round, what_s3_lacks

SECTIONS = ("durable", "watch", "lookup", "restore")
REPORTS = {"durable": stores_report.durable_report, "watch": stores_report.watch_report,
           "lookup": stores_report.lookup_report, "restore": stores_report.restore_report}
ROUNDS = {"durable": durable_round, "watch": watch_round, "lookup": lookup_round}


def what_is_skipped(bench: Bench, only: tuple[str, ...]) -> list[str]:
    absent = stores_servers.missing()
    if absent:
        sys.exit(f"run: --stores needs what is not installed: {', '.join(absent)}")
    skipped = []
    lack = what_s3_lacks(bench.room_server) if "restore" in only else None
    if lack:
        skipped.append(f"restore from S3: {lack}")
    if not IS_PINNED:
        skipped.append("pinning: there is one core only, server and load share it")
    return skipped + [f"{section}: left out by --only" for section in SECTIONS if section not in only]


def measure(bench: Bench, only: tuple[str, ...], count: int, rounds: dict[str, list[dict]]) -> None:
    """Adds round after round to `rounds`; what a fault ends is kept as far as it came."""
    with ExitStack() as held:
        stores = held.enter_context(Stores(bench.work))
        if stores.postgres.fsync() != "on":
            raise Fault("this PostgreSQL does not sync its commits")
        record = None
        if "restore" in only:
            print("filling 1,000 rooms", file=sys.stderr)
            record = held.enter_context(FullRecord(bench, stores))
        for number in range(1, count + 1):
            print(f"round {number} of {count}", file=sys.stderr)
            for section in only:
                if section == "restore":
                    rounds[section].append(restore_round(bench, record, number))
                else:
                    rounds[section].append(ROUNDS[section](bench, stores))
