"""A WebSocket proxy that plants one bug: what a faulty server would say or do, said by something in front of it."""

import asyncio
import json

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import WebSocketException

from .history import Entry

OPTIONS = {"compression": None, "ping_interval": None, "max_size": 2**23}


class Link:
    """One client's socket as the liar sees it: what was asked under each request id, and the newest revision told."""

    def __init__(self, server: int) -> None:
        self.server = server
        self.peer = ""
        self.asked: dict[str, Entry] = {}
        self.epoch = ""
        self.revision = 0
        self.answers: list[Entry] = []

    def learn(self, message: Entry) -> None:
        self.epoch = message.get("epoch", self.epoch)
        self.revision = max(self.revision, message.get("revision", 0))


class Lie:
    """Passes everything on unchanged. A subclass lies once or so, from its `told` on; `rules` are what must notice."""

    rules: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.told = False

    @property
    def name(self) -> str:
        return type(self).__name__

    def ask(self, link: Link, message: Entry) -> list[Entry]:
        """What goes on to the server; frames put in `link.answers` go back to the client."""
        return [message]

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        """What goes on to the client."""
        return [message]


class Liar:
    def __init__(self, lie: Lie, port: int, server: int) -> None:
        self._lie = lie
        self._port = port
        self._server = server
        self._listener: Server | None = None

    async def start(self) -> int:
        self._listener = await serve(self._accept, "127.0.0.1", 0, **OPTIONS)
        return int(next(iter(self._listener.sockets)).getsockname()[1])

    async def close(self) -> None:
        if self._listener:
            self._listener.close()

    async def _accept(self, near: ServerConnection) -> None:
        link = Link(self._server)
        try:
            async with connect(f"ws://127.0.0.1:{self._port}/", proxy=None, **OPTIONS) as far:
                directions = [self._from_client(link, near, far), self._from_server(link, far, near)]
                tasks = [asyncio.create_task(direction) for direction in directions]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                # Not a closing handshake: a peer that was stopped would not answer it.
                far.transport.abort()
        except (OSError, WebSocketException):
            pass
        near.transport.abort()

    async def _from_client(self, link: Link, near: ServerConnection, far: ClientConnection) -> None:
        async for text in near:
            message = json.loads(text)
            if message["type"] == "register":
                link.peer = message.get("peer_id", "")
            if "request_id" in message:
                link.asked[message["request_id"]] = message
            for each in self._lie.ask(link, message):
                await far.send(json.dumps(each))
            for each in link.answers:
                await near.send(json.dumps(each))
            link.answers.clear()

    async def _from_server(self, link: Link, far: ClientConnection, near: ServerConnection) -> None:
        async for text in far:
            message = json.loads(text)
            link.learn(message)
            for each in self._lie.tell(link, message):
                await near.send(json.dumps(each))
