"""The bugs planted to prove the check: one class each, named as the bug, with the rules any of which must notice."""

from ..liar import Lie
from .endings import AcknowledgedChangeLost, AliasLostFromManifest, DepartedWorkersCopyForgotten, ManifestDiverges
from .requests import (
    AliasReadStale,
    CompareAndSetNotCompared,
    DoneButSaidUnavailable,
    PublishAcknowledgedNotMade,
    PublishAppliedTwice,
    ReadFromThePast,
    RefusedCompareAndSetSaidDone,
    WithdrawalAcknowledgedNotMade,
)
from .streams import (
    EventContentChanged,
    EventOfAnotherEpoch,
    EventRepeated,
    EventRevisionShifted,
    EventsSwapped,
    EventSwallowed,
    FirstMissedChangeSkipped,
    ResumeRefused,
)

BUGS: tuple[type[Lie], ...] = (
    EventSwallowed,
    EventRepeated,
    EventsSwapped,
    EventRevisionShifted,
    EventContentChanged,
    EventOfAnotherEpoch,
    FirstMissedChangeSkipped,
    ResumeRefused,
    PublishAcknowledgedNotMade,
    WithdrawalAcknowledgedNotMade,
    DoneButSaidUnavailable,
    PublishAppliedTwice,
    RefusedCompareAndSetSaidDone,
    CompareAndSetNotCompared,
    AliasReadStale,
    ReadFromThePast,
    AcknowledgedChangeLost,
    ManifestDiverges,
    AliasLostFromManifest,
    DepartedWorkersCopyForgotten,
)
