"""Medians over the rounds, with their spread, and ratios taken within each round."""

from statistics import median

Rounds = list[dict]


class Spread:
    """Median, least and most of some figures."""

    def __init__(self, figures: list[float]):
        self.figures = figures

    def text(self, digits: int) -> str:
        if not self.figures:
            return "-"
        least, middle, most = min(self.figures), median(self.figures), max(self.figures)
        return f"{middle:,.{digits}f} ({least:,.{digits}f}–{most:,.{digits}f})"

    def json(self) -> dict | None:
        if not self.figures:
            return None
        return {"median": median(self.figures), "min": min(self.figures), "max": max(self.figures),
                "rounds": self.figures}


def of(rounds: Rounds, row: object, field: str) -> list[float]:
    return [results[row][field] for results in rounds if row in results]


def ratios(rounds: Rounds, row: object, base: object, field: str) -> list[float]:
    """Each round's figure over the base's figure of the same round."""
    return [results[row][field] / results[base][field]
            for results in rounds if row in results and base in results and results[base][field]]


def rows_of(rounds: Rounds) -> list:
    return list(dict.fromkeys(row for results in rounds for row in results))


def table(title: str, head: list[str], lines: list[list[str]]) -> str:
    if not lines:
        return f"{title}: not measured\n"
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]

    def row(line: list[str]) -> str:
        first = line[0].ljust(widths[0])
        return "  ".join([first] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])])

    return "\n".join([title, row(head), "  ".join("-" * width for width in widths), *map(row, lines)]) + "\n"


def frames_report(rounds: Rounds) -> tuple[str, list[dict]]:
    lines, entries = [], []
    for name, depth in rows_of(rounds):
        row = (name, depth)
        columns = {field: Spread(of(rounds, row, field))
                   for field in ("cpu_us_per_frame", "frames_per_s", "server_busy", "load_busy")}
        cost = Spread(ratios(rounds, row, ("C epoll", depth), "cpu_us_per_frame"))
        latency = [results[row]["latency_us"] for results in rounds if row in results]
        p50, p99 = (Spread([one[name] for one in latency]) for name in ("p50", "p99"))
        busy = f"{median(columns['server_busy'].figures):.0%}/{median(columns['load_busy'].figures):.0%}"
        lines.append([name, str(depth), columns["cpu_us_per_frame"].text(2), cost.text(2),
                      columns["frames_per_s"].text(0), busy,
                      f"{median(p50.figures):,.0f}/{median(p99.figures):,.0f}"])
        entries.append({"name": name, "depth": depth, "cost_to_c": cost.json(), "p50_us": p50.json(),
                        "p99_us": p99.json()} | {field: spread.json() for field, spread in columns.items()})
    head = ["server", "depth", "CPU µs/frame", "times C", "frames/s", "busy server/load", "p50/p99 µs"]
    return table("Frames: 200 bytes, 64 sockets", head, lines), entries


def idle_report(rounds: Rounds) -> tuple[str, list[dict]]:
    lines, entries = [], []
    for name in rows_of(rounds):
        each = Spread(of(rounds, name, "bytes_per_connection"))
        sockets = of(rounds, name, "sockets")[0]
        lines.append([name, f"{sockets:,}", each.text(0)])
        entries.append({"name": name, "sockets": sockets, "bytes_per_connection": each.json()})
    return table("Idle: resident bytes a connection adds", ["server", "sockets", "bytes/connection"], lines), entries


def publish_report(rounds: Rounds) -> tuple[str, list[dict]]:
    lines, entries = [], []
    for name in rows_of(rounds):
        rate = Spread(of(rounds, name, "rows_per_s"))
        share = Spread(ratios(rounds, name, "SQLite commits", "rows_per_s"))
        cost = Spread(of(rounds, name, "cpu_us_per_frame"))
        field = "batch" if name == "SQLite commits" else "writes_per_record_commit"
        batch = Spread([figure for figure in of(rounds, name, field) if figure is not None])
        errors = sum(results[name].get("errors", 0) for results in rounds if name in results)
        lines.append([name, rate.text(0), share.text(2), batch.text(1), cost.text(1), str(errors)])
        room_batch = [results[name].get("writes_per_room_commit") for results in rounds if name in results]
        entries.append({"name": name, "rows_per_s": rate.json(), "share_of_sqlite": share.json(),
                        "rows_per_commit": batch.json(), "cpu_us_per_row": cost.json(), "errors": errors,
                        "rows_per_room_commit": Spread([figure for figure in room_batch if figure]).json(),
                        "body_bytes": Spread(of(rounds, name, "body_bytes")).json()})
    head = ["writer", "rows/s", "of SQLite", "rows/commit", "CPU µs/row", "errors"]
    text = table("Durable publications: 64 publishers, 16 rooms", head, lines)
    if any(line[3] == "-" for line in lines):
        text += "rows/commit is not in the server's /metrics: SQLite's was chosen (--batch), the two may differ\n"
    return text, entries
