"""Bugs that show in the final reading."""

from ..history import Entry
from ..liar import Link
from .chance import PATIENCE, Chance, is_final


class AcknowledgedChangeLost(Chance):
    """A change is missing from the record, and the ones after it moved up."""

    rules = ("ack-lost", "ack-revision")

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        if not (is_final(link) and message.get("command") == "history"):
            return [message]
        changes = message["changes"]
        first = next((n for n, change in enumerate(changes) if change["revision"] == PATIENCE), None)
        if first is None and not self.told:
            return [message]
        self.told = True
        kept = changes if first is None else changes[:first] + changes[first + 1 :]
        moved = [change | {"revision": change["revision"] - (change["revision"] > PATIENCE)} for change in kept]
        return [message | {"changes": moved}]


class ManifestDiverges(Chance):
    rules = ("manifest-differs",)
    patience = 1

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        if is_final(link) and message.get("command") == "manifest":
            self.told = True
            models = message["manifest"]["models"]
            name = sorted(models)[0]
            models[name] = models[name] | {"notes": "altered"}
        return [message]


class AliasLostFromManifest(Chance):
    rules = ("manifest-differs",)

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        if is_final(link) and message.get("command") == "manifest" and message["manifest"]["aliases"]:
            self.told = True
            message["manifest"]["aliases"].popitem()
        return [message]


class DepartedWorkersCopyForgotten(Chance):
    rules = ("departed-worker",)

    def tell(self, link: Link, message: Entry) -> list[Entry]:
        if is_final(link) and message.get("command") == "manifest":
            for entry in message["manifest"]["models"].values():
                if entry["id"].startswith("d"):
                    self.told = True
                    entry["copies"] = []
        return [message]
