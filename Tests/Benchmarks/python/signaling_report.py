"""What the measures of signaling come to."""

from report import Rounds, Spread, of, ratios, rows_of, table
from signaling_measures import REFERENCE


def signaling_report(rounds: Rounds) -> tuple[str, list[dict]]:
    lines, entries = [], []
    for name, depth in rows_of(rounds):
        row = (name, depth)
        cost, speed = (Spread(of(rounds, row, field)) for field in ("cpu_us_per_frame", "frames_per_s"))
        # How often the reference takes what this one takes.
        saving = Spread(ratios(rounds, (REFERENCE, depth), row, "cpu_us_per_frame"))
        lines.append([name, str(depth), cost.text(2), saving.text(1), speed.text(0)])
        entries.append({"name": name, "depth": depth, "cpu_us_per_frame": cost.json(),
                        "reference_to_it": saving.json(), "frames_per_s": speed.json()})
    head = ["server", "depth", "CPU µs/frame", "reference/it", "frames/s"]
    return table("Signaling: relayed peer_message, 200 bytes, 64 sockets", head, lines), entries


def reconnect_report(rounds: Rounds) -> tuple[str, list[dict]]:
    lines, entries = [], []
    for name in rows_of(rounds):
        seconds, lost, tries = (Spread(of(rounds, name, field)) for field in ("seconds", "lost", "tries"))
        workers = of(rounds, name, "workers")[0]
        lines.append([name, f"{workers:,}", seconds.text(2), lost.text(0), tries.text(0)])
        entries.append({"name": name, "workers": workers, "seconds": seconds.json(), "lost": lost.json(),
                        "tries": tries.json()})
    head = ["workers", "how many", "seconds until all are registered", "lost", "tries"]
    return table("Reconnect: all at one moment", head, lines), entries
