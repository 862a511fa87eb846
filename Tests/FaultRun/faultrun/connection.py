"""One socket of a client: registered, each request answered once, everything else handed to whoever listens."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from .history import Entry

Heard = Callable[[Entry], None]


class Lost(Exception):
    """The socket ended, or an answer did not come in time: what was asked may have happened or not."""


class Connection:
    def __init__(self, socket: ClientConnection, heard: Heard) -> None:
        self._socket = socket
        self._heard = heard
        self._waiting: dict[str, asyncio.Future[Entry]] = {}
        self._numbers = itertools.count(1)
        self._registered: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, port: int, registration: Entry, heard: Heard, seconds: float = 4) -> "Connection":
        """Connects and registers; raises `Lost` when either fails."""
        connection = None
        try:
            async with asyncio.timeout(seconds):
                address = f"ws://127.0.0.1:{port}/"
                socket = await connect(address, compression=None, ping_interval=None, max_size=2**23, proxy=None)
                connection = cls(socket, heard)
                await connection._send({"type": "register", "capabilities": ["registry/1"], **registration})
                answer = await connection._registered
        except (OSError, TimeoutError, WebSocketException) as error:
            if connection:
                await connection.close()
            raise Lost(str(error)) from error
        except Lost:
            if connection:
                await connection.close()
            raise
        if answer["type"] != "registered_auth":
            await connection.close()
            raise Lost(f"registration refused: {answer.get('reason')}")
        return connection

    async def ask(self, message: Entry, seconds: float = 4) -> Entry:
        """The reply, an error reply included; raises `Lost` when there is none."""
        number = str(next(self._numbers))
        answer: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            async with asyncio.timeout(seconds):
                await self._send({**message, "request_id": number})
                return await answer
        except (TimeoutError, WebSocketException) as error:
            raise Lost("no answer") from error
        finally:
            self._waiting.pop(number, None)

    async def close(self) -> None:
        self._reader.cancel()
        self._socket.transport.abort()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader

    async def _send(self, message: Entry) -> None:
        await self._socket.send(json.dumps(message))

    async def _read(self) -> None:
        try:
            async for text in self._socket:
                self._take(json.loads(text))
        except WebSocketException:
            pass
        finally:
            for answer in (self._registered, *self._waiting.values()):
                if not answer.done():
                    answer.set_exception(Lost("the socket ended"))
                    answer.exception()

    def _take(self, message: dict[str, Any]) -> None:
        answer = self._waiting.get(message.get("request_id", ""))
        if not self._registered.done() and message["type"] in ("registered_auth", "error"):
            self._registered.set_result(message)
        elif answer and not answer.done():
            if message["type"] == "registry_subscribed":
                self._heard(message)
            answer.set_result(message)
        else:
            self._heard(message)
