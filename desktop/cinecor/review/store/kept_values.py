"""What the store tells of a study and of its AI results."""

from dataclasses import dataclass

from cinecor.message import Message


@dataclass(frozen=True, slots=True)
class Summary:
    """What the worklist shows of the numbers."""

    lv_ef_percent: float | None = None
    rv_ef_percent: float | None = None
    worst: str | None = None  # code of the gravest open finding; None where nobody looked anew
    open_findings: int | None = None
    worst_message: Message | None = None  # what that finding says


@dataclass(frozen=True, slots=True)
class KeptResult:
    """One AI result of a study."""

    id: int
    model_id: str
    model_version: str
    model_sha256: str
    made: float  # seconds since 1970
