"""The peer: a PyPI `websockets` echo on 127.0.0.1, without compression.

    ws_echo.py PORT        (0: a free one)      prints "ready PORT", serves until it is killed
"""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


async def echo(socket: ServerConnection) -> None:
    try:
        async for message in socket:
            await socket.send(message)
    except ConnectionClosed:
        pass  # The load generator leaves without a closing handshake.


async def main(port: int) -> None:
    # The backlog is for thousands of sockets that open at once.
    async with serve(echo, "127.0.0.1", port, compression=None, backlog=4096) as server:
        print("ready", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit("usage: ws_echo.py PORT")
    asyncio.run(main(int(sys.argv[1])))
