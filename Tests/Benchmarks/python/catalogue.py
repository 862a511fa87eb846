"""The models that are searched: 2,000 names of 5 versions with 5 tags each, and what is asked about them."""

NAMES = 2000
VERSIONS = 5
MODELS = NAMES * VERSIONS
METRIC = "val_loss"
# How many values each kind of tag has; three kinds name one or two models together.
TAGS = {"strain": 20, "setup": 20, "season": 20, "lab": 7, "stage": 3}
ASKED = ("strain", "setup", "season")


def tags_of(model: int) -> dict[str, str]:
    """Counted like the digits of a number, so that every combination of the first three kinds is there."""
    values, rest = {}, model
    for kind, count in TAGS.items():
        values[kind] = f"v{(rest if kind in ASKED else model) % count}"
        if kind in ASKED:
            rest //= count
    return values


def metric_of(model: int) -> float:
    """Each of 10,000 values once, in no order."""
    return model * 7919 % MODELS / MODELS


def tag_question(number: int) -> dict[str, str]:
    tags = tags_of(number * 37 % (20 * 20 * 20))
    return {kind: tags[kind] for kind in ASKED}


def range_question(number: int) -> tuple[float, float]:
    """Twenty models' worth of the metric."""
    start = number * 613 % (MODELS - 20) / MODELS
    return start, start + 20 / MODELS
