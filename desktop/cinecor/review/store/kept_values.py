"""What the store tells of a study and of its AI results."""

from collections.abc import Mapping
from dataclasses import dataclass

from cinecor.message import Message


@dataclass(frozen=True, slots=True)
class Reading:
    """The numbers of a study as they were last: a later study of the same patient is held against them."""

    numbers: Mapping[str, float]  # by name ("lv.edv_ml"), what is known of them
    papillary: str  # how papillary muscles were counted: "cavity" or "mass"
    base: str = "whole"  # what counted of slices at the base: "whole" or "fractional"


@dataclass(frozen=True, slots=True)
class Summary:
    """What the worklist shows of the numbers."""

    lv_ef_percent: float | None = None
    rv_ef_percent: float | None = None
    worst: str | None = None  # code of the gravest open finding; None where nobody looked anew
    open_findings: int | None = None
    worst_message: Message | None = None  # what that finding says
    doubtful: frozenset[str] = frozenset()  # numbers in doubt, by name ("lv.ef_percent"); told with `worst`
    reading: Reading | None = None  # None where nobody looked anew


@dataclass(frozen=True, slots=True)
class KeptResult:
    """One AI result of a study."""

    id: int
    model_id: str
    model_version: str
    model_sha256: str
    made: float  # seconds since 1970
