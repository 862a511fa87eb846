"""Workers that all come at one moment: a socket each for the lines of a file, which are their `register` messages.

    ws_reconnect.py FILE        reads one port a line from stdin

At each port all of them connect at once and register; who is turned away or broken off tries again, as workers do.
Once all are in, one of each room asks who is there. A line of JSON tells of each port: how many came, how long it took,
how many tries it needed, and how many the rooms saw.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

WAIT_SECONDS = 60
TEXT, PING, PONG = 0x81, 0x89, 0x8A
UPGRADE = (b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")


def framed(text: bytes, kind: int = TEXT) -> bytes:
    """A message of a client; a mask of zeros leaves the text as it is."""
    size = len(text)
    head = bytes([kind, 0x80 | size]) if size < 126 else bytes([kind, 0xFE]) + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + text


class Socket:
    """A WebSocket client that can do just what is needed here."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Socket":
        socket = cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 21))
        socket.writer.write(UPGRADE)
        head = await socket.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(head.split(b"\r\n")[0].decode())
        return socket

    def send(self, text: bytes) -> None:
        self.writer.write(framed(text))

    async def receive(self) -> dict:
        """The next text message; what else comes is passed over."""
        while True:
            kind, size = await self.reader.readexactly(2)
            if size == 126:
                size = int.from_bytes(await self.reader.readexactly(2), "big")
            elif size == 127:
                size = int.from_bytes(await self.reader.readexactly(8), "big")
            payload = await self.reader.readexactly(size)
            if kind == TEXT:
                return json.loads(payload)
            if kind == PING:
                self.writer.write(framed(payload, PONG))
            if kind == 0x88:
                raise ConnectionError(f"closed with {payload[:2].hex()}")


async def come(port: int, line: bytes, tries: list[int]) -> Socket:
    """Registers, however often it has to try."""
    while True:
        tries.append(1)
        try:
            socket = await Socket.open(port)
            socket.send(line)
            while (answer := await socket.receive())["type"] != "registered_auth":
                if answer["type"] == "error":
                    raise ConnectionError(answer["message"])
            return socket
        except (OSError, EOFError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.05)


async def count(socket: Socket, peer: str) -> int:
    socket.send(json.dumps({"type": "discover_peers", "from_peer_id": peer}).encode())
    while (answer := await socket.receive())["type"] != "peer_list":
        pass
    return answer["count"] + 1


async def meet(port: int, lines: list[bytes]) -> tuple[dict, list[Socket]]:
    tries: list[int] = []
    started = time.monotonic()
    coming = [asyncio.create_task(come(port, line, tries)) for line in lines]
    came, missing = await asyncio.wait(coming, timeout=WAIT_SECONDS)
    seconds = time.monotonic() - started
    for task in missing:
        task.cancel()
    sockets = [task.result() for task in came]
    firsts: dict[str, tuple[Socket, str]] = {}
    for task, line in zip(coming, lines):
        if task in came:
            message = json.loads(line)
            firsts.setdefault(message["api_key"], (task.result(), message["peer_id"]))
    seen = sum(await asyncio.gather(*[count(*first) for first in firsts.values()]))
    return {"workers": len(lines), "registered": len(came), "seen": seen, "seconds": seconds,
            "tries": len(tries)}, sockets


async def main(lines: list[bytes]) -> None:
    loop = asyncio.get_running_loop()
    held: list[Socket] = []
    while port := await loop.run_in_executor(None, sys.stdin.readline):
        for socket in held:
            socket.writer.close()
        result, held = await meet(int(port), lines)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not os.access(sys.argv[1], os.R_OK):
        sys.exit("usage: ws_reconnect.py FILE")
    asyncio.run(main(Path(sys.argv[1]).read_bytes().splitlines()))
