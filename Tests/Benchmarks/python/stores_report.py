"""Tables of what was measured on real stores; each figure beside its peer's of the same round, and what is aimed at."""

from report import Rounds, Spread, of, ratios, rows_of, table


def _milliseconds(figures: list[float]) -> str:
    return Spread([figure / 1000 for figure in figures]).text(2)


def _known(rounds: Rounds, row: object, field: str) -> Spread:
    """The figures of a field that peers have not."""
    return Spread([results[row][field] for results in rounds if field in results.get(row, {})])


def durable_report(rounds: Rounds) -> tuple[str, list[dict]]:
    lines, entries = [], []
    for name in rows_of(rounds):
        rate, share = Spread(of(rounds, name, "rows_per_s")), Spread(ratios(rounds, name, "pgbench", "rows_per_s"))
        batch = Spread([figure for figure in of(rounds, name, "rows_per_commit") if figure is not None])
        body = Spread(of(rounds, name, "body_bytes"))
        errors = sum(results[name].get("errors", 0) for results in rounds if name in results)
        busy = _known(rounds, name, "server_busy")
        lines.append([name, rate.text(0), share.text(2), batch.text(1), busy.text(2), body.text(0), str(errors)])
        entries.append({"name": name, "rows_per_s": rate.json(), "times_pgbench": share.json(), "errors": errors,
                        "rows_per_commit": batch.json(), "server_busy": busy.json(), "body_bytes": body.json()})
    head = ["writer", "rows/s", "times pgbench", "rows/commit", "room-server cores", "bytes", "errors"]
    title = "Durable publications on PostgreSQL: 64 publishers, 16 rooms; pgbench -c 64 -j 2 (aim: 2 times)"
    return table(title, head, lines), entries


def watch_report(rounds: Rounds) -> tuple[str, list[dict]]:
    lines, entries = [], []
    for row in rows_of(rounds):
        name, rate = row
        bare = ("INSERT, PUBLISH", rate)
        p50, p99 = of(rounds, row, "p50"), of(rounds, row, "p99")
        times = {field: Spread(ratios(rounds, row, bare, field)) for field in ("p50", "p99")}
        heard = Spread(of(rounds, row, "frames_per_s"))
        first = _known(rounds, row, "first_us").figures
        lines.append([name, f"{rate}/s" if rate else "one by one", _milliseconds(p50), times["p50"].text(2),
                      _milliseconds(p99), times["p99"].text(2), heard.text(0), _milliseconds(first)])
        entries.append({"name": name, "rate": rate, "p50_us": Spread(p50).json(), "p99_us": Spread(p99).json(),
                        "p50_times_bare": times["p50"].json(), "p99_times_bare": times["p99"].json(),
                        "heard_per_s": heard.json(), "first_after_start_us": Spread(first).json()})
    head = ["path", "sent", "p50 ms", "times bare", "p99 ms", "times bare", "heard/s", "first after start, ms"]
    title = "From a publication on one server to its event on another, over PostgreSQL and Redis (aim: 1.5 times)"
    return table(title, head, lines), entries


def lookup_report(rounds: Rounds) -> tuple[str, list[dict]]:
    lines, entries = [], []
    for row in rows_of(rounds):
        name, depth = row
        rate = Spread(of(rounds, row, "frames_per_s"))
        times = Spread(ratios(rounds, row, ("redis-benchmark HGET", depth), "frames_per_s"))
        errors = sum(of(rounds, row, "errors"))
        answer = Spread(of(rounds, row, "answer_bytes"))
        busy = _known(rounds, row, "server_busy")
        lines.append([name, str(depth), rate.text(0), times.text(2), busy.text(2), answer.text(0), str(errors)])
        entries.append({"name": name, "depth": depth, "answers_per_s": rate.json(), "times_redis": times.json(),
                        "server_busy": busy.json(), "answer_bytes": answer.json(), "errors": errors})
    head = ["server", "depth", "answers/s", "times Redis", "room-server cores", "bytes", "errors"]
    title = "get_model_info: 200 models in a room, 64 sockets; redis-benchmark -c 64 (aim: 1 times)"
    return table(title, head, lines), entries


def restore_report(rounds: Rounds) -> tuple[str, list[dict]]:
    lines, entries = [], []
    for name in rows_of(rounds):
        base = next(results[name]["base"] for results in rounds if name in results)
        seconds = Spread(of(rounds, name, "seconds"))
        times = Spread(ratios(rounds, name, base, "seconds")) if base else Spread([])
        size = of(rounds, name, "bytes")
        lines.append([name, seconds.text(2), times.text(2), base or "", f"{Spread(size).figures[0] / 1e6:,.1f}"])
        entries.append({"name": name, "seconds": seconds.json(), "peer": base, "times_peer": times.json(),
                        "bytes": Spread(size).json()})
    head = ["what", "seconds", "times peer", "peer", "MB"]
    title = "Restore of 1,000 rooms with 100,000 models (aim: 2 times); MB as sent to the reader, or as written"
    return table(title, head, lines), entries
