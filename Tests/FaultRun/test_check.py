"""The check on small histories made by hand: a true one is clean, and each way of lying is named."""

import copy
import unittest
from typing import Any

from faultrun.check import check
from faultrun.history import Departure, Event, FinalView, Operation, Record, Subscription, Watcher, decode, encode

EPOCH = "e1"
FILES = [{"path": "best.ckpt", "size": 1, "sha256": "00"}]


def model(name: str, op: str, revision: int, **fields: Any) -> dict[str, Any]:
    entry = {"id": name, "name": f"model-{name}", "aliases": [], "tags": [], "notes": "", "deleted_at": None}
    copies = [{"worker": "gpu", "online": False}]
    return {**entry, "files": FILES, "hyperparameters": {"op": op}, "copies": copies, "revision": revision, **fields}


def change(revision: int, kind: str, before: Any, after: Any, **fields: Any) -> dict[str, Any]:
    described = {"revision": revision, "kind": kind, "model_id": after["id"], "alias": None, "reason": None}
    return {**described, "before": before, "after": after, **fields}


A1 = model("a", "w1", 1)
A2 = model("a", "w1", 2, aliases=["best"])
B3 = model("b", "w3", 3)
B4 = model("b", "w3", 4, aliases=["best"])
A4 = model("a", "w1", 4)
CHANGES = [
    change(1, "published", None, A1),
    change(2, "aliased", A1, A2, alias="best", reason="w2"),
    change(3, "published", None, B3),
    change(4, "aliased", B3, B4, alias="best", reason="w4"),
]


def operation(name: str, kind: str, begin: float, arguments: Any, reply: Any, **fields: Any) -> Operation:
    reply = {"epoch": EPOCH, **reply}
    made = Operation(name, "c", 1, 0, "r", kind, arguments, begin, begin + 0.5, "ok", None, reply)
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def published(name: str, begin: float, entry: Any) -> Operation:
    sent = {"model": {"name": entry["name"], "files": FILES}}
    return operation(name, "publish", begin, sent, {"revision": entry["revision"], "model": entry})


def aliased(name: str, begin: float, to: str, expected: str | None, revision: int) -> Operation:
    asked = {"alias": "best", "model_id": to, "expected_model_id": expected}
    told = {"revision": revision, "model_id": to, "previous_model_id": expected}
    return operation(name, "alias", begin, asked, told)


def read(name: str, begin: float, entry: Any, revision: int, **fields: Any) -> Operation:
    return operation(name, "info", begin, {"model_id": "best"}, {"revision": revision, "model": entry}, **fields)


def event(of: dict[str, Any], at: float) -> Event:
    place = ("w", 9, 0, "r", EPOCH, of["revision"])
    return Event(*place, of["kind"], of["model_id"], of["alias"], of["after"], at)


def view(server: int) -> FinalView:
    return copy.deepcopy(FinalView("r", server, EPOCH, 4, CHANGES, {"a": A4, "b": B4}, {"best": "b"}))


def history() -> dict[str, Record]:
    """Two publishes, the alias set and moved, a read in between and after; one watcher with a reconnect."""
    return {
        "subscribed": Subscription("w", 9, 0, "r", None, "snapshot", EPOCH, 0, 0.0, []),
        "w1": published("w1", 1, A1),
        "e1": event(CHANGES[0], 1.6),
        "w2": aliased("w2", 2, "a", None, 2),
        "e2": event(CHANGES[1], 2.6),
        "r1": read("r1", 3, A2, 2),
        "w3": published("w3", 4, B3),
        "resumed": Subscription("w", 10, 1, "r", [EPOCH, 2], "resume", EPOCH, 3, 4.6),
        "e3": event(CHANGES[2], 4.7),
        "w4": aliased("w4", 5, "b", "a", 4),
        "e4": event(CHANGES[3], 5.6),
        "r2": read("r2", 6, B4, 4),
        "watcher": Watcher("w", "r"),
        "left": Departure("r", "gpu", ["a"]),
        "v0": view(0),
        "v1": view(1),
    }


class CheckTests(unittest.TestCase):
    def setUp(self) -> None:
        self.history: dict[str, Any] = history()

    def assert_broken(self, *rules: str) -> None:
        found = {violation.rule for violation in check(list(self.history.values()))}
        self.assertEqual(found, set(rules))

    def test_a_true_history_is_clean(self) -> None:
        self.assert_broken()

    def test_a_history_survives_being_written(self) -> None:
        again = [decode(encode(record)) for record in self.history.values()]
        self.assertEqual(again, list(self.history.values()))

    def test_an_unanswered_write_may_have_happened(self) -> None:
        self.history["w3"].outcome, self.history["w3"].end, self.history["w3"].reply = "unknown", None, {}
        self.assert_broken()

    def test_an_unanswered_write_may_not_have_happened(self) -> None:
        self.history["w5"] = published("w5", 7, model("c", "w5", 5))
        self.history["w5"].outcome, self.history["w5"].end = "unknown", None
        self.assert_broken()

    def test_an_acknowledged_write_that_is_not_recorded_is_lost(self) -> None:
        self.history["w5"] = published("w5", 7, model("c", "w5", 5))
        self.assert_broken("ack-lost")

    def test_an_alias_already_there_needs_no_change(self) -> None:
        self.history["w5"] = aliased("w5", 7, "b", "b", 4)
        self.assert_broken()

    def test_an_alias_that_was_not_there_needs_one(self) -> None:
        self.history["w5"] = aliased("w5", 7, "a", "b", 4)
        self.assert_broken("ack-lost")

    def test_a_refused_write_that_happened_is_seen(self) -> None:
        self.history["w3"].outcome, self.history["w3"].code = "refused", "UNAVAILABLE"
        self.assert_broken("refused-took-effect")

    def test_a_write_that_happened_twice_is_seen(self) -> None:
        for each in ("v0", "v1"):
            changes = self.history[each].changes
            changes[2]["after"]["hyperparameters"] = {"op": "w1"}
        self.assertIn("applied-twice", {violation.rule for violation in check(list(self.history.values()))})

    def test_a_change_nobody_asked_for_is_seen(self) -> None:
        del self.history["w3"]
        self.assert_broken("change-unasked")

    def test_a_compare_and_set_from_another_holder_is_seen(self) -> None:
        self.history["w4"].arguments["expected_model_id"] = "c"
        self.assert_broken("alias-precondition")

    def test_a_write_recorded_before_what_it_followed_is_seen(self) -> None:
        self.history["w2"].begin, self.history["w2"].end = 8, 8.5
        self.assert_broken("write-order")

    def test_a_read_of_the_past_is_stale(self) -> None:
        self.history["r2"] = read("r2", 6, A2, 2, socket=2)
        self.assert_broken("read-stale")

    def test_a_replica_may_lag_when_told_so(self) -> None:
        self.history["r2"] = read("r2", 6, A2, 2, socket=2, server=7)
        self.assertEqual(check(list(self.history.values()), replica_reads=True), [])

    def test_a_read_during_a_write_may_see_either(self) -> None:
        self.history["e4"].at = 9
        self.history["r2"] = read("r2", 5.1, A2, 3, socket=2)
        self.assert_broken()

    def test_a_query_that_goes_back_on_its_socket_is_seen(self) -> None:
        self.history["r2"] = read("r2", 6, A2, 2)
        self.assert_broken("read-stale", "socket-backwards")

    def test_a_read_of_another_model_is_seen(self) -> None:
        self.history["r2"].reply["model"] = A4
        self.assert_broken("read-content")

    def test_a_refusal_naming_one_who_never_held_is_seen(self) -> None:
        refused = {"outcome": "refused", "code": "ALIAS_TAKEN"}
        asked = {"alias": "best", "model_id": "c", "expected_model_id": "b"}
        self.history["w5"] = operation("w5", "alias", 7, asked, {"holder_model_id": "a"}, **refused)
        self.assert_broken("refusal-untrue")

    def test_a_swallowed_event_is_a_gap(self) -> None:
        del self.history["e3"]
        self.assert_broken("stream-gap")

    def test_a_swallowed_last_event_leaves_the_watcher_behind(self) -> None:
        del self.history["e4"]
        self.assert_broken("stream-behind")

    def test_a_repeated_event_is_seen(self) -> None:
        self.history["again"] = event(CHANGES[3], 9)
        self.assert_broken("stream-repeat")

    def test_an_altered_event_is_seen(self) -> None:
        self.history["e3"].model = B3 | {"notes": "x"}
        self.assert_broken("stream-content")

    def test_an_event_of_another_epoch_is_seen(self) -> None:
        self.history["e3"].epoch = "e2"
        self.assert_broken("stream-epoch")

    def test_a_resume_answered_with_a_snapshot_is_seen(self) -> None:
        del self.history["e3"]
        self.history["resumed"].mode, self.history["resumed"].models = "snapshot", [A2, B3]
        self.assert_broken("resume-refused")

    def test_a_snapshot_of_another_state_is_seen(self) -> None:
        self.history["subscribed"].models = [A1]
        self.assert_broken("snapshot-content")

    def test_a_manifest_of_its_own_is_seen(self) -> None:
        self.history["v1"].models["a"]["tags"] = ["x"]
        self.assert_broken("manifest-differs")

    def test_another_history_on_one_server_is_seen(self) -> None:
        self.history["v1"].changes[1]["reason"] = "other"
        self.assert_broken("history-differs")

    def test_a_hole_in_the_history_is_seen(self) -> None:
        del self.history["v1"].changes[1]
        self.assert_broken("history-contiguous", "history-differs")

    def test_a_departed_workers_forgotten_copy_is_seen(self) -> None:
        self.history["v0"].models["a"]["copies"] = []
        self.assert_broken("departed-worker")

    def test_a_run_without_an_end_is_no_proof(self) -> None:
        del self.history["v0"], self.history["v1"]
        self.assert_broken("unfinished")


if __name__ == "__main__":
    unittest.main()
