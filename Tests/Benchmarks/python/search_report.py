"""What the measures of search come to, beside what is aimed at."""

from report import Rounds, Spread, of, ratios, rows_of, table


def search_report(rounds: Rounds) -> tuple[str, list[dict]]:
    lines, entries = [], []
    for row in rows_of(rounds):
        name, kind = row
        p50, p99 = (Spread(of(rounds, row, field)) for field in ("p50", "p99"))
        # How often MLflow's time holds this one's.
        times = Spread(ratios(rounds, ("MLflow", kind), row, "p99"))
        found = Spread(of(rounds, row, "found"))
        searches = int(sum(of(rounds, row, "searches")))
        lines.append([name, kind, p50.text(0), p99.text(0), times.text(0), found.text(1), f"{searches:,}"])
        entries.append({"name": name, "search": kind, "p50_us": p50.json(), "p99_us": p99.json(),
                        "mlflow_p99_to_it": times.json(), "found": found.json(), "searches": searches})
    head = ["server", "search", "p50 µs", "p99 µs", "MLflow p99/it", "found", "searches"]
    title = "Searches among 2,000 names × 5 versions × 5 tags, one client; MLflow over SQLite (aim: 100 times)"
    return table(title, head, lines), entries


def live_report(rounds: Rounds) -> tuple[str, list[dict]]:
    lines, entries = [], []
    for name in rows_of(rounds):
        p50, p99, cpu = (Spread(of(rounds, name, field)) for field in ("p50", "p99", "cpu_us_per_event"))
        times = {field: Spread(ratios(rounds, name, "plain watch", field))
                 for field in ("p50", "p99", "cpu_us_per_event")}
        lines.append([name, p50.text(0), times["p50"].text(2), p99.text(0), times["p99"].text(2), cpu.text(2),
                      times["cpu_us_per_event"].text(2)])
        entries.append({"name": name, "p50_us": p50.json(), "p99_us": p99.json(), "cpu_us_per_event": cpu.json(),
                        "times_plain": {field: spread.json() for field, spread in times.items()}})
    head = ["watch", "p50 µs", "times plain", "p99 µs", "times plain", "CPU µs/event", "times plain"]
    title = "An update until 256 watchers have heard of it, 8 distinct queries (aim: 1.5 times)"
    return table(title, head, lines), entries
