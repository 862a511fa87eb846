"""What a client asks for next, from its own seeded numbers: a seed repeats the requests, not the interleaving."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .history import Entry

ALIASES = ("production", "best", "night-run", "demo")
POOL = 48
REQUESTS = {
    "publish": "registry_publish",
    "update": "registry_update",
    "alias": "registry_alias",
    "withdraw": "registry_withdraw",
    "restore": "registry_restore",
    "info": "registry_query",
    "list": "registry_query",
}


@dataclass
class Intent:
    kind: str
    arguments: Entry

    def message(self) -> Entry:
        return {"type": REQUESTS[self.kind], **self.arguments}


def publish(name: str, model_id: str, on_conflict: str = "replace") -> Entry:
    sha = hashlib.sha256(name.encode()).hexdigest()
    return {
        "model": {
            "id": model_id,
            "name": f"model-{model_id}",
            "model_type": "centroid",
            "files": [{"path": "best.ckpt", "size": 1024, "sha256": sha}],
            "hyperparameters": {"op": name},
        },
        "on_conflict": on_conflict,
        "idempotency_key": name,
    }


class Workload:
    """A client that publishes, moves aliases, updates, withdraws, restores and reads."""

    def __init__(self, random: Random) -> None:
        self._random = random
        # What the client last heard of each alias: the value its compare-and-set starts from.
        self.holders: dict[str, str | None] = {}
        self._choices: dict[Callable[[str], Intent], int] = {
            self._publish: 22,
            self._force_alias: 10,
            self._compare_and_set: 16,
            self._free_alias: 4,
            self._update: 14,
            self._withdraw: 4,
            self._restore: 5,
            self._info: 18,
            self._list: 5,
        }

    def next(self, name: str) -> Intent:
        chosen = self._random.choices(list(self._choices), weights=list(self._choices.values()))[0]
        return chosen(name)

    def _model(self) -> str:
        return f"{self._random.randrange(POOL):08x}"

    def _alias(self) -> str:
        return self._random.choice(ALIASES)

    def _publish(self, name: str) -> Intent:
        roll = self._random.random()
        arguments = publish(name, self._model(), "error" if roll < 0.2 else "suffix" if roll < 0.22 else "replace")
        if roll > 0.7:
            arguments |= {"alias": self._alias(), "force_alias": roll > 0.8}
        return Intent("publish", arguments)

    def _force_alias(self, name: str) -> Intent:
        return Intent("alias", {"alias": self._alias(), "model_id": self._model(), "force": True, "reason": name})

    def _compare_and_set(self, name: str) -> Intent:
        alias = self._alias()
        # A fifth of them guess, and must be refused when the guess is wrong.
        expected = self._model() if self._random.random() < 0.2 else self.holders.get(alias)
        return Intent(
            "alias", {"alias": alias, "model_id": self._model(), "expected_model_id": expected, "reason": name}
        )

    def _free_alias(self, name: str) -> Intent:
        return Intent("alias", {"alias": self._alias(), "model_id": None, "reason": name})

    def _update(self, name: str) -> Intent:
        tag = self._random.choice(("checked", "slow", "night"))
        change = {"add_tags": [tag]} if self._random.random() < 0.6 else {"remove_tags": [tag]}
        return Intent("update", {"model_id": self._model(), "set": {"notes": name}, **change})

    def _withdraw(self, name: str) -> Intent:
        return Intent("withdraw", {"model_id": self._model(), "reason": name})

    def _restore(self, name: str) -> Intent:
        return Intent("restore", {"model_id": self._model(), "reason": name})

    def _info(self, name: str) -> Intent:
        asked = self._alias() if self._random.random() < 0.8 else self._model()
        return Intent("info", {"command": "get_model_info", "model_id": asked})

    def _list(self, name: str) -> Intent:
        return Intent("list", {"command": "list_models", "limit": 20})


class DepartingWorker(Workload):
    """A worker that publishes a few models nobody else publishes, and reads."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self._published = 0

    def next(self, name: str) -> Intent:
        if self._published < 12 and self._random.random() < 0.3:
            self._published += 1
            model_id = f"d{self._published:07x}"
            arguments = publish(name, model_id, "error")
            arguments["model"]["worker_path"] = f"/models/{model_id}"
            return Intent("publish", arguments)
        return self._info(name)
