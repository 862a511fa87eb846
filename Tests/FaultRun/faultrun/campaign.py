"""One run: a world, its clients, the rounds of faults, the calm after them, and the final reading."""

import asyncio
import contextlib
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from .client import Client
from .ending import Unsettled, final_view
from .faults import Fault, schedule
from .history import Departure, Note, Operation, Record, Recorder, Watcher
from .liar import Liar, Lie
from .workload import DepartingWorker, Workload
from .world import Credentials, RoomServer, World

RECOVERY_LIMIT = 20.0
CALM_LIMIT = 60.0


@dataclass
class Plan:
    binary: Path
    rounds: int = 200
    seed: int = 1
    servers: int = 2
    clients: int = 12
    rooms: int = 2
    embedded: bool = False
    with_s3: bool = True
    pause: float = 0.1
    quiet: bool = False
    folder: Path | None = None
    faults: tuple[Fault, ...] = ()
    lie: Lie | None = None


@dataclass
class Outcome:
    records: list[Record] = field(default_factory=list)
    # What the run itself saw fail, before any check of the history: a server that never came back, say.
    troubles: list[str] = field(default_factory=list)
    seconds: float = 0
    starts: dict[str, int] = field(default_factory=dict)


class Campaign:
    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.random = Random(f"{plan.seed}/schedule")
        self.world = World(plan.binary, folder, plan.servers, plan.embedded, plan.with_s3)
        self.recorder = Recorder(folder / "history.jsonl")
        self.outcome = Outcome(self.recorder.records)
        self.clients: list[Client] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.liars: list[Liar] = []
        self.departures: list[Departure] = []
        self._healed_at = 0.0
        self._recovered = asyncio.Event()

    async def run(self) -> Outcome:
        began = time.monotonic()
        try:
            credentials = await self.world.start(self.plan.rooms)
            await self._lie(self.world.servers)
            departing = await self._start_clients(credentials)
            faults = self._schedule()
            for number, fault in enumerate(faults, 1):
                await self._round(number, fault)
                if number == max(1, len(faults) * 6 // 10):
                    await self._depart(departing)
            await self._calm()
            await self._read_finally(credentials)
        except (Unsettled, TimeoutError) as error:
            self._trouble(str(error) or type(error).__name__)
        finally:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            for liar in self.liars:
                await liar.close()
            await self.world.end()
            self.recorder.close()
        self.outcome.seconds = time.monotonic() - began
        self.outcome.starts = {server.process.name: server.process.starts for server in self.world.servers}
        return self.outcome

    def _schedule(self) -> list[Fault]:
        if self.plan.faults:
            return [self.plan.faults[n % len(self.plan.faults)] for n in range(self.plan.rounds)]
        return schedule(self.world, self.plan.rounds, self.random)

    async def _lie(self, servers: list[RoomServer]) -> None:
        if self.plan.lie:
            for server in servers:
                liar = Liar(self.plan.lie, server.port, server.index)
                self.liars.append(liar)
                server.entrance = await liar.start()

    async def _start_clients(self, credentials: list[Credentials]) -> list[tuple[Client, Credentials]]:
        """Per room: one worker that leaves, one that stays, the rest clients."""
        departing: list[tuple[Client, Credentials]] = []
        for index in range(self.plan.clients):
            room = index % self.plan.rooms
            leaving, staying = credentials[2 * room], credentials[2 * room + 1]
            place = index // self.plan.rooms
            random = Random(f"{self.plan.seed}/client/{index}")
            if place == 0:
                client = await self._client(f"leaving-{room}", leaving, True, DepartingWorker(random), random)
                departing.append((client, leaving))
            else:
                await self._client(f"client-{index}", staying, place == 1, Workload(random), random)
        return departing

    async def _client(
        self, name: str, credentials: Credentials, is_worker: bool, workload: Workload, random: Random
    ) -> Client:
        registration = {"role": "client", "room_id": credentials.room, "jwt": credentials.jwt}
        if is_worker:
            registration = {"role": "worker", "api_key": credentials.worker_token}
        ways = [await self.world.proxy(server) for server in self.world.servers]
        client = Client(name, credentials.room, registration, ways, workload, random, self.recorder, self.plan.pause)
        client.acknowledged = self._acknowledged
        self.clients.append(client)
        self.tasks.append(asyncio.create_task(client.run()))
        return client

    async def _round(self, number: int, fault: Fault) -> None:
        self._say(f"round {number}/{self.plan.rounds}  {fault.__name__:<28}")
        await asyncio.sleep(self.random.uniform(0.1, 0.3))
        self.recorder.add(Note("fault", time.monotonic(), {"round": number, "fault": fault.__name__}))
        details = await fault(self.world, self.random)
        self._recovered.clear()
        self._healed_at = time.monotonic()
        self.recorder.add(Note("healed", self._healed_at, {"round": number, "details": details}))
        try:
            await asyncio.wait_for(self._recovered.wait(), RECOVERY_LIMIT)
            took = time.monotonic() - self._healed_at
            details = {"round": number, "fault": fault.__name__, "seconds": took}
            self.recorder.add(Note("recovered", time.monotonic(), details))
        except TimeoutError:
            text = f"round {number} ({fault.__name__}): no write succeeded within {RECOVERY_LIMIT:.0f} s of healing"
            self._trouble(text)

    def _acknowledged(self, operation: Operation) -> None:
        if operation.begin > self._healed_at and operation.kind not in ("info", "list"):
            self._recovered.set()

    async def _depart(self, departing: list[tuple[Client, Credentials]]) -> None:
        """The workers leave for good; what they were acknowledged must stay."""
        for client, credentials in departing:
            client.leave()
            await self.tasks[self.clients.index(client)]
            departure = Departure(client.room, credentials.worker, sorted(set(client.published)))
            self.departures.append(departure)
            self.recorder.add(departure)

    async def _calm(self) -> None:
        """No more faults, no more writes: every client settles what it left open and hears the last change."""
        self._say("settling")
        for proxy in self.world.proxies:
            proxy.heal()
        for client in self.clients:
            client.rest()
        staying = [client for client, task in zip(self.clients, self.tasks, strict=True) if not task.done()]
        deadline, quiet_since, seen = time.monotonic() + CALM_LIMIT, time.monotonic(), ""
        while time.monotonic() < deadline:
            await asyncio.sleep(0.1)
            now = str([(client.position, client.is_settled) for client in staying])
            if now != seen:
                seen, quiet_since = now, time.monotonic()
            level = all(
                one.is_settled and one.position and one.position == other.position
                for one in staying
                for other in staying
                if one.room == other.room
            )
            if time.monotonic() - quiet_since > (1.0 if level else 8.0):
                break
        for client in staying:
            self.recorder.add(Watcher(client.name, client.room))

    async def _read_finally(self, credentials: list[Credentials]) -> None:
        self._say("reading every room from every server")
        for owner in credentials[::2]:
            for server in self.world.servers:
                view = await final_view(server.entrance, server.index, owner.room, owner.jwt, self.departures)
                self.recorder.add(view)

    def _trouble(self, text: str) -> None:
        self.outcome.troubles.append(text)
        self.recorder.add(Note("trouble", time.monotonic(), {"text": text}))

    def _say(self, text: str) -> None:
        if not self.plan.quiet:
            print(f"\r{text:<72}", end="", file=sys.stderr, flush=True)


def run(plan: Plan) -> Outcome:
    """Runs a plan in a temporary folder, or in the one it names, which is kept."""
    with contextlib.ExitStack() as stack:
        folder = plan.folder
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fault-run-")))
            # PostgreSQL's user must be able to enter.
            folder.chmod(0o755)
        return asyncio.run(_until_terminated(Campaign(plan, folder)))


async def _until_terminated(campaign: Campaign) -> Outcome:
    """SIGTERM ends a run as Ctrl-C does: its processes go with it."""
    task = asyncio.ensure_future(campaign.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task
