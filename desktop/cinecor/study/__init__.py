"""Files on disk → `CineStack` + `ImportAudit`."""

from cinecor.study.audit import ImportAudit, LeftOut
from cinecor.study.cine_stack import CineStack, StackGeometry
from cinecor.study.nifti import read_nifti
from cinecor.study.series.index import SeriesEntry, SeriesIndex
from cinecor.study.series.scan import FoundSoFar, scan
from cinecor.study.series.series_kind import SeriesKind
from cinecor.study.stack.stack_reader import read_stack
from cinecor.study.study_input import open_input

__all__ = [
    "CineStack",
    "FoundSoFar",
    "ImportAudit",
    "LeftOut",
    "SeriesEntry",
    "SeriesIndex",
    "SeriesKind",
    "StackGeometry",
    "open_input",
    "read_nifti",
    "read_stack",
    "scan",
]
