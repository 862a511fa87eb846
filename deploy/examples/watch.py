import asyncio, json, os, websockets

async def watch():
    async with websockets.connect(os.environ["SLEAP_ROOMS_URL"]) as socket:
        for message in ({"type": "register", "role": "client", "room_id": os.environ["SLEAP_ROOMS_ROOM"],
                         "jwt": os.environ["SLEAP_ROOMS_JWT"], "capabilities": ["registry/1"]},
                        {"type": "registry_query", "request_id": "1", "command": "list_models"},
                        {"type": "registry_subscribe", "request_id": "2", "presence": True}):
            await socket.send(json.dumps(message))
        async for frame in socket:
            print(frame, flush=True)

asyncio.run(watch())
