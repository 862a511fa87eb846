"""Bugs in what watchers are told."""

from ..history import Entry
from ..liar import Link
from .chance import Chance, is_event


class EventSwallowed(Chance):
    rules = ("stream-gap", "stream-behind")

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        return [] if self.now(is_event(message)) else [message]


class EventRepeated(Chance):
    rules = ("stream-repeat",)

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        return [message, message] if self.now(is_event(message)) else [message]


class EventsSwapped(Chance):
    rules = ("stream-gap", "stream-repeat", "stream-behind")

    def __init__(self) -> None:
        super().__init__()
        self._held: tuple[Link, Entry] | None = None

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        if self.now(is_event(message)):
            self._held = (link, message)
            return []
        if self._held and self._held[0] is link and is_event(message):
            held, self._held = self._held[1], None
            return [message, held]
        return [message]


class EventRevisionShifted(Chance):
    rules = ("stream-gap", "stream-content")

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        return [message | {"revision": message["revision"] + 1}] if self.now(is_event(message)) else [message]


class EventContentChanged(Chance):
    rules = ("stream-content",)

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        if self.now(is_event(message)):
            return [message | {"model": message["model"] | {"tags": ["altered"]}}]
        return [message]


class EventOfAnotherEpoch(Chance):
    rules = ("stream-epoch",)

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        return [message | {"epoch": "0" * 16}] if self.now(is_event(message)) else [message]


class FirstMissedChangeSkipped(Chance):
    """After a resume the first change is left out, as by a server that starts one too late."""

    rules = ("stream-gap", "stream-behind")
    patience = 1

    def __init__(self) -> None:
        super().__init__()
        self._resumed: set[int] = set()

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        if message["type"] == "registry_subscribed" and message["mode"] == "resume":
            self._resumed.add(id(link))
        elif is_event(message) and self.now(id(link) in self._resumed):
            return []
        return [message]


class ResumeRefused(Chance):
    """A resume is forwarded without its place: the watcher gets a snapshot it should not need."""

    rules = ("resume-refused",)
    patience = 1

    def ask(self, link: Link, message: Entry) -> list[Entry]:
        if self.now(message["type"] == "registry_subscribe" and "since" in message):
            return [{key: value for key, value in message.items() if key != "since"}]
        return [message]
