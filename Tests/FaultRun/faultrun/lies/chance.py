"""When a bug is planted, and where."""

from ..history import Entry
from ..liar import Lie, Link

# A bug is planted after this many chances, so that the run is well under way.
PATIENCE = 25


class Chance(Lie):
    """A lie told at its `PATIENCE`-th chance and never again."""

    patience = PATIENCE

    def __init__(self) -> None:
        super().__init__()
        self._chances = 0

    def now(self, applies: bool) -> bool:
        if self.told or not applies:
            return False
        self._chances += 1
        self.told = self._chances >= self.patience
        return self.told


def is_event(message: Entry) -> bool:
    return message["type"] == "registry_event"


def is_final(link: Link) -> bool:
    return link.peer.startswith("final-")
