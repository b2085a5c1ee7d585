"""What is asked of a worker, and what it answers: nothing here needs more than the process that only gives out."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cinecor.cohort.input_row import StudyRow
from cinecor.message import Message

if TYPE_CHECKING:
    from cinecor.app.report_study import ReportOptions


@dataclass(frozen=True, slots=True)
class InputTask:
    """One input to be worked on."""

    id: int
    path: Path
    series: str
    name: str
    out_dir: Path
    before: str  # marks of the results that lay in its folders before it was begun, and are not to be kept
    model_sha256: str
    report: "ReportOptions | None" = None  # how the PDF looks that each study gets; None: it gets none
    deaths: int = 0  # of workers that had it


@dataclass(frozen=True, slots=True)
class InputOutcome:
    """What became of an input: its studies, or why there are none."""

    task: int
    studies: tuple[StudyRow, ...] = ()
    failure: Message | None = None
    passing: bool = False  # the reason lies outside of the input, and may be gone next time
    seconds: float = 0.0

    @property
    def done(self) -> bool:
        """Whether at least one study was outlined."""
        return any(study.facts is not None for study in self.studies)
