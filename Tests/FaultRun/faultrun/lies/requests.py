"""Bugs in what is done and answered."""

import copy

from ..history import Entry
from ..liar import Link
from .chance import Chance, is_event


class PublishAcknowledgedNotMade(Chance):
    # The client may repeat the publish with its key; then it is recorded, but not as was told.
    rules = ("ack-lost", "ack-content", "ack-revision")
    patience = 10

    def ask(self, link: Link, message: Entry) -> list[Entry]:
        if not self.now(message["type"] == "registry_publish" and link.revision > 0):
            return [message]
        model = message["model"] | {"revision": link.revision + 1, "aliases": [], "tags": []}
        told = {"type": "registry_published", "request_id": message["request_id"], "model": model, "created": True}
        link.answers.append(told | {"epoch": link.epoch, "revision": link.revision + 1})
        return []


class WithdrawalAcknowledgedNotMade(Chance):
    rules = ("ack-lost",)
    patience = 1

    def ask(self, link: Link, message: Entry) -> list[Entry]:
        return [message]

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        asked = link.asked.get(message.get("request_id", ""), {})
        refused = message["type"] == "error" and message["code"] == "MODEL_NOT_FOUND"
        if not self.now(refused and asked.get("type") == "registry_withdraw"):
            return [message]
        told = {"type": "registry_withdrawn", "request_id": message["request_id"], "model_id": asked["model_id"]}
        return [told | {"epoch": link.epoch, "revision": link.revision}]


class DoneButSaidUnavailable(Chance):
    rules = ("refused-took-effect",)

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        if not self.now(message["type"] in ("registry_published", "registry_updated")):
            return [message]
        told = {"type": "error", "code": "UNAVAILABLE", "message": "no", "reason": "no", "retryable": True}
        return [told | {"request_id": message["request_id"]}]


class PublishAppliedTwice(Chance):
    rules = ("applied-twice",)
    patience = 10

    def ask(self, link: Link, message: Entry) -> list[Entry]:
        if not self.now(message["type"] == "registry_publish" and message["on_conflict"] == "replace"):
            return [message]
        again = copy.deepcopy(message) | {"request_id": "again", "idempotency_key": "another"}
        again["model"]["id"] = "f0000001"
        again.pop("alias", None)
        return [message, again]

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        return [] if message.get("request_id") == "again" else [message]


class RefusedCompareAndSetSaidDone(Chance):
    rules = ("ack-lost", "alias-precondition")
    patience = 1

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        asked = link.asked.get(message.get("request_id", ""), {})
        refused = message["type"] == "error" and asked.get("type") == "registry_alias"
        if not self.now(refused and "expected_model_id" in asked and message["code"] == "ALIAS_TAKEN"):
            return [message]
        told = {key: asked[key] for key in ("request_id", "alias", "model_id")}
        told |= {"type": "registry_aliased", "previous_model_id": asked["expected_model_id"]}
        return [told | {"epoch": link.epoch, "revision": link.revision}]


class CompareAndSetNotCompared(Chance):
    """The server is asked to force what the client asked only to compare and set, whenever that should fail."""

    rules = ("alias-precondition",)

    def __init__(self) -> None:
        super().__init__()
        self._holders: dict[str, str] = {}

    def ask(self, link: Link, message: Entry) -> list[Entry]:
        expected = message.get("expected_model_id", "none")
        held = self._holders.get(message.get("alias", ""))
        wrong = message["type"] == "registry_alias" and expected != "none" and held not in (None, expected)
        if not wrong:
            return [message]
        self.told = True
        forced = {key: value for key, value in message.items() if key != "expected_model_id"}
        return [forced | {"force": True}]

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        if is_event(message):
            self._holders |= {alias: message["model_id"] for alias in message["model"]["aliases"]}
        return [message]


class AliasReadStale(Chance):
    """The newest revision with what the alias pointed to before."""

    rules = ("read-content",)
    patience = 1

    def __init__(self) -> None:
        super().__init__()
        self._former: dict[str, Entry] = {}

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        if message.get("command") != "get_model_info":
            return [message]
        asked = link.asked[message["request_id"]]["model_id"]
        former = self._former.get(asked)
        if self.now(former is not None and former["id"] != message["model"]["id"]) and former:
            return [message | {"model": former}]
        self._former.setdefault(asked, message["model"])
        return [message]


class ReadFromThePast(Chance):
    """A true answer, of a revision that had passed before the question."""

    rules = ("read-stale", "socket-backwards")
    patience = 1

    def __init__(self) -> None:
        super().__init__()
        self._former: dict[str, Entry] = {}

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        if message.get("command") != "get_model_info":
            return [message]
        asked = link.asked[message["request_id"]]["model_id"]
        former = self._former.setdefault(f"{link.epoch}/{asked}", message)
        if self.now(former["revision"] + 20 < message["revision"]):
            return [former | {"request_id": message["request_id"]}]
        return [message]
