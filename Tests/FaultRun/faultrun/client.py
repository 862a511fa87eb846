"""A client of the run: watches its room over all its sockets, keeps asking, and records what it sees."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from random import Random

from .connection import Connection, Lost
from .history import Entry, Event, Operation, Recorder, Subscription
from .proxy import Proxy
from .workload import Intent, Workload

REPEATED = 0.75
SOCKETS = itertools.count(1)


class Client:
    def __init__(
        self,
        name: str,
        room: str,
        registration: Entry,
        ways: list[Proxy],
        workload: Workload,
        random: Random,
        recorder: Recorder,
        pause: float,
    ) -> None:
        self.name = name
        self.room = room
        self.registration = registration | {"peer_id": name}
        self.position: list[str | int] | None = None
        self.acknowledged: Callable[[Operation], None] = lambda operation: None
        self.published: list[str] = []
        self._ways = ways
        self._workload = workload
        self._random = random
        self._recorder = recorder
        self._pause = pause
        self._numbers = itertools.count(1)
        self._pending: tuple[Operation, Entry] | None = None
        self._stopping = False
        self._writing = True
        self._server = 0
        self._socket = 0
        self._snapshot: Entry | None = None

    async def run(self) -> None:
        try:
            while not self._stopping:
                with contextlib.suppress(Lost):
                    await self._live()
                await asyncio.sleep(self._random.uniform(0.02, 0.2))
        finally:
            self._give_up()

    def rest(self) -> None:
        """Asks nothing more, and goes on watching."""
        self._writing = False

    def leave(self) -> None:
        self._stopping = True

    @property
    def is_settled(self) -> bool:
        return self._pending is None

    async def _live(self) -> None:
        self._server = self._random.randrange(len(self._ways))
        self._socket = next(SOCKETS)
        self._snapshot = None
        connection = await Connection.open(self._ways[self._server].port, self.registration, self._heard)
        try:
            await self._subscribe(connection)
            await self._repeat_pending(connection)
            while not self._stopping:
                if not self._writing:
                    # A quiet socket that died is noticed by asking, as by any client that pings.
                    await connection.ask({"type": "registry_query", "command": "list_models", "limit": 1})
                    await asyncio.sleep(0.2)
                    continue
                await self._perform(connection, self._workload.next(self._name_next()))
                await asyncio.sleep(self._random.expovariate(1 / self._pause))
        finally:
            await connection.close()

    def _name_next(self) -> str:
        return f"{self.name}-{next(self._numbers)}"

    async def _subscribe(self, connection: Connection) -> None:
        since = {"since": {"epoch": self.position[0], "revision": self.position[1]}} if self.position else {}
        reply = await connection.ask({"type": "registry_subscribe", **since})
        if reply["type"] == "error":
            raise Lost(reply["code"])

    async def _perform(self, connection: Connection, intent: Intent) -> None:
        name = intent.arguments.get("reason") or intent.arguments.get("idempotency_key")
        name = name or (intent.arguments.get("set") or {}).get("notes") or self._name_next()
        operation = Operation(
            name, self.name, self._socket, self._server, self.room, intent.kind, intent.arguments, time.monotonic()
        )
        self._pending = (operation, intent.message())
        await self._attempt(connection, operation, intent.message())
        if operation.outcome == "ok" and operation.kind == "publish" and self._random.random() < 0.1:
            await self._ask_again(connection, operation, intent.message())
        self._finish(operation)

    async def _attempt(self, connection: Connection, operation: Operation, message: Entry) -> None:
        reply = await connection.ask(message)
        operation.socket, operation.server = self._socket, self._server
        operation.reply = {key: value for key, value in reply.items() if key not in ("type", "request_id", "message")}
        if reply["type"] != "error":
            operation.outcome, operation.end = "ok", time.monotonic()
        elif operation.attempts == 1:
            operation.outcome, operation.code, operation.end = "refused", reply["code"], time.monotonic()
        else:
            # Refused now says nothing of the attempt that was not answered.
            operation.outcome, operation.code = "unknown", reply["code"]

    async def _ask_again(self, connection: Connection, operation: Operation, message: Entry) -> None:
        """An acknowledged publish repeated with its key must return its first answer."""
        try:
            reply = await connection.ask(message)
        except Lost:
            self._finish(operation)
            raise
        if reply["type"] != "error":
            operation.attempts, operation.reply = 2, operation.reply | {"revision": reply["revision"]}

    async def _repeat_pending(self, connection: Connection) -> None:
        """An unanswered publish is mostly repeated with its key; every other unanswered write stays unknown."""
        if not self._pending:
            return
        operation, message = self._pending
        if operation.kind != "publish" or self._random.random() > REPEATED:
            return self._give_up()
        operation.attempts += 1
        await self._attempt(connection, operation, message)
        self._finish(operation)

    def _finish(self, operation: Operation) -> None:
        self._pending = None
        self._recorder.add(operation)
        if operation.outcome == "ok":
            if operation.kind == "publish":
                self.published.append(operation.reply["model"]["id"])
            self.acknowledged(operation)

    def _give_up(self) -> None:
        if self._pending:
            operation = self._pending[0]
            operation.outcome = "unknown"
            self._finish(operation)

    def _heard(self, message: Entry) -> None:
        kind = message["type"]
        if kind == "registry_subscribed":
            if message["mode"] == "resume":
                self._subscribed(message, None)
            else:
                self._snapshot = message | {"models": []}
        elif kind == "registry_snapshot" and self._snapshot:
            self._snapshot["models"] += message["models"]
            if message["last"]:
                self._subscribed(self._snapshot, self._snapshot["models"])
        elif kind == "registry_event":
            self._event(message)

    def _subscribed(self, message: Entry, models: list[Entry] | None) -> None:
        place = (self.name, self._socket, self._server, self.room, self.position)
        told = (message["mode"], message["epoch"], message["revision"], time.monotonic(), models)
        self._recorder.add(Subscription(*place, *told))
        if models is not None:
            self.position = [message["epoch"], message["revision"]]

    def _event(self, message: Entry) -> None:
        self.position = [message["epoch"], message["revision"]]
        model = message.get("model") or {}
        for alias, holder in list(self._workload.holders.items()):
            if holder == message["model_id"] and alias not in model.get("aliases", []):
                self._workload.holders[alias] = None
        self._workload.holders |= {alias: message["model_id"] for alias in model.get("aliases", [])}
        place = (self.name, self._socket, self._server, self.room, message["epoch"], message["revision"])
        told = (message["kind"], message["model_id"], message.get("alias"), message.get("model"), time.monotonic())
        self._recorder.add(Event(*place, *told))
