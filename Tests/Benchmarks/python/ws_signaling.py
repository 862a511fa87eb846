"""The reference: signaling as one writes it in Python, with PyPI `websockets` and a dict.

    ws_signaling.py PORT        (0: a free one)      prints "ready PORT", serves until it is killed

It knows `register`, `peer_message`, `offer`, `answer` and `candidate`, asks nobody who he is, and keeps nothing.
"""

import asyncio
import json
import sys

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

rooms: dict[str, dict[str, ServerConnection]] = {}


async def signal(socket: ServerConnection) -> None:
    room: dict[str, ServerConnection] = {}
    peer = ""
    try:
        async for text in socket:
            message = json.loads(text)
            kind = message.get("type")
            if kind == "register":
                peer = message["peer_id"]
                room = rooms.setdefault(message["room_id"], {})
                others = [other for other in room if other != peer]
                room[peer] = socket
                await socket.send(json.dumps({"type": "registered_auth", "room_id": message["room_id"],
                                              "peer_id": peer, "peer_list": others}))
            elif kind == "peer_message":
                target = room.get(message["to_peer_id"])
                if target is None:
                    await socket.send(json.dumps({"type": "error", "code": "PEER_NOT_FOUND"}))
                else:
                    await target.send(json.dumps({"type": "peer_message", "from_peer_id": peer,
                                                  "to_peer_id": message["to_peer_id"], "payload": message["payload"]}))
            elif kind in ("offer", "answer", "candidate"):
                target = room.get(message["target"])
                if target is not None:
                    await target.send(text)
    except ConnectionClosed:
        pass
    finally:
        if room.get(peer) is socket:
            del room[peer]


async def main(port: int) -> None:
    async with serve(signal, "127.0.0.1", port, compression=None, backlog=4096) as server:
        print("ready", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        sys.exit("usage: ws_signaling.py PORT")
    asyncio.run(main(int(sys.argv[1])))
