"""The load of the search measures, run on the load's core; one JSON line says what came out.

    search_load.py fill HOST_PORT REGISTER       publishes the catalogue into a room
    search_load.py search HOST_PORT REGISTER COUNT OFFSET
    search_load.py mlflow HOST_PORT EXPERIMENT COUNT OFFSET
    search_load.py live HOST_PORT FILE COUNT PID  COUNT updates told to the watchers of FILE's register messages

Searches are asked one after the other on one open connection, and end when the last byte of the answer is here.
"""

import asyncio
import http.client
import json
import os
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parent))

import catalogue  # noqa: E402
from ws_reconnect import PING, PONG, TEXT, UPGRADE, Socket, framed  # noqa: E402

OUTSTANDING = 64
# Distinct queries of the live watchers.
QUERIES = 8


def quantiles(times: list[float]) -> dict:
    ordered = sorted(times)
    return {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e6
            for name, share in (("p50", 0.5), ("p99", 0.99))}


def text(message: dict) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


async def registered(port: int, line: str) -> Socket:
    peer = await Socket.open(port)
    peer.send(line.encode())
    answer = await peer.receive()
    if answer["type"] != "registered_auth":
        raise ConnectionError(f"not registered: {answer}")
    return peer


async def replied(peer: Socket) -> dict:
    """The next reply; events are passed over."""
    while True:
        answer = await peer.receive()
        if answer["type"] == "error":
            raise ConnectionError(f"refused: {answer}")
        if "request_id" in answer:
            return answer


# MARK: - Filling


def publication(model: int) -> dict:
    return {"type": "registry_publish", "request_id": str(model), "model": {
        "id": f"{model:08x}", "name": f"name-{model // catalogue.VERSIONS}", "model_type": "centroid",
        "tags": [f"{kind}:{value}" for kind, value in catalogue.tags_of(model).items()],
        "metrics": {catalogue.METRIC: catalogue.metric_of(model)}}}


async def fill(port: int, line: str) -> dict:
    publisher = await registered(port, line)
    for model in range(catalogue.MODELS + OUTSTANDING):
        if model < catalogue.MODELS:
            publisher.send(text(publication(model)))
        if model >= OUTSTANDING:
            await replied(publisher)
    return {"models": catalogue.MODELS}


# MARK: - Searching


def rooms_queries(number: int) -> dict[str, str]:
    low, high = catalogue.range_question(number)
    tags = catalogue.tag_question(number)
    return {"three tags": " AND ".join(f'tags HAS "{kind}:{value}"' for kind, value in tags.items()),
            "metric range": f"metrics.{catalogue.METRIC} >= {low} AND metrics.{catalogue.METRIC} < {high}"}


class PlainSocket:
    """A registered socket of the searches; nothing runs beside it, and an answer is not looked into when it comes."""

    def __init__(self, port: int, line: str):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(UPGRADE)
        while self.file.readline() not in (b"\r\n", b""):
            pass
        answer = json.loads(self.ask(line.encode()))
        if answer["type"] != "registered_auth":
            raise ConnectionError(f"not registered: {answer}")

    def ask(self, message: bytes) -> bytes:
        """The next text message after one of ours."""
        self.socket.sendall(framed(message))
        while True:
            kind, size = self.file.read(2)
            if size >= 126:
                size = int.from_bytes(self.file.read(2 if size == 126 else 8), "big")
            payload = self.file.read(size)
            if kind == TEXT:
                return payload
            if kind == PING:
                self.socket.sendall(framed(payload, PONG))


def search(port: int, line: str, count: int, offset: int) -> dict:
    room = PlainSocket(port, line)
    times = {"three tags": [], "metric range": []}
    found = dict.fromkeys(times, 0)
    # The first question of a kind is not counted: the index of what it asks about is made then.
    for number in range(offset - 1, offset + count):
        for kind, query in rooms_queries(number).items():
            message = text({"type": "registry_query", "request_id": "1", "command": "list_models", "query": query})
            start = time.perf_counter()
            answer = room.ask(message)
            taken = time.perf_counter() - start
            if number >= offset:
                times[kind].append(taken)
                found[kind] += json.loads(answer)["count"]
    return {kind: quantiles(times[kind]) | {"found": found[kind] / count, "searches": count} for kind in times}


def mlflow_request(kind: str, experiment: str, number: int) -> tuple[str, str, bytes | None]:
    if kind == "three tags":
        tags = catalogue.tag_question(number)
        question = " AND ".join(f"tags.`{key}` = '{value}'" for key, value in tags.items())
        return "GET", "/api/2.0/mlflow/model-versions/search?" + urlencode({"filter": question}), None
    low, high = catalogue.range_question(number)
    question = f"metrics.{catalogue.METRIC} >= {low} AND metrics.{catalogue.METRIC} < {high}"
    return "POST", "/api/2.0/mlflow/runs/search", text(
        {"experiment_ids": [experiment], "filter": question, "max_results": 100})


def mlflow(port: int, experiment: str, count: int, offset: int) -> dict:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    results = {}
    for kind, member in (("three tags", "model_versions"), ("metric range", "runs")):
        times, found = [], 0
        # The first question of a kind, that MLflow prepares itself by, is not counted.
        for number in range(offset - 1, offset + count):
            method, path, body = mlflow_request(kind, experiment, number)
            start = time.perf_counter()
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            response = connection.getresponse()
            answer = response.read()
            taken = time.perf_counter() - start
            if response.status != 200:
                raise ConnectionError(f"MLflow answered {response.status}: {answer[:300]}")
            if number >= offset:
                times.append(taken)
                found += len(json.loads(answer).get(member, []))
        results[kind] = quantiles(times) | {"found": found / count, "searches": count}
    return results


# MARK: - Live queries


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def watch(watchers: list[Socket], live: bool) -> None:
    """Everybody subscribes from here on; with `live`, to queries that all hold for the model that is updated."""
    position = None
    for number, peer in enumerate(watchers):
        message = {"type": "registry_query", "request_id": "0", "command": "list_models", "limit": 1}
        if position is None:
            peer.send(text(message))
            answer = await replied(peer)
            position = {"epoch": answer["epoch"], "revision": answer["revision"]}
        message = {"type": "registry_subscribe", "request_id": "1", "since": position}
        if live:
            kind = number % QUERIES
            message["query"] = f'tags HAS "strain:v0" AND metrics.{catalogue.METRIC} < {kind + 1}'
        peer.send(text(message))
        await replied(peer)


async def updates(writer: Socket, watchers: list[Socket], count: int, pid: int) -> dict:
    """One update after the other, each when every watcher heard of the one before."""
    times = []
    before = cpu_seconds(pid)
    for number in range(count):
        start = time.perf_counter()
        writer.send(text({"type": "registry_update", "request_id": "1", "model_id": f"{0:08x}",
                          "set": {"notes": f"{start} {number}"}}))
        for peer in watchers:
            while (await peer.receive())["type"] != "registry_event":
                pass
        times.append(time.perf_counter() - start)
        await replied(writer)
    used = cpu_seconds(pid) - before
    events = count * len(watchers)
    return quantiles(times) | {"cpu_us_per_event": used / events * 1e6, "events": events}


async def live(port: int, file: str, count: int, pid: int) -> dict:
    lines = Path(file).read_text().splitlines()
    writer = await registered(port, lines[0])
    watchers = [await registered(port, line) for line in lines[1:]]
    results = {}
    for kind in ("plain watch", "live query"):
        await watch(watchers, live=kind == "live query")
        await updates(writer, watchers, max(3, count // 10), pid)
        results[kind] = await updates(writer, watchers, count, pid)
        for peer in watchers:
            peer.send(text({"type": "registry_unsubscribe", "request_id": "2"}))
            await replied(peer)
    return results


def main() -> None:
    mode, port, who, *numbers = sys.argv[1:]
    numbers = [int(number) for number in numbers]
    if mode in ("search", "mlflow"):
        result = (search if mode == "search" else mlflow)(int(port), who, *numbers)
    else:
        result = asyncio.run({"fill": fill, "live": live}[mode](int(port), who, *numbers))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
