"""Where the study lies that results were made from, and whether two inputs hold one study."""

from pathlib import Path

from cinecor.app.open_study import OpenedStudy
from cinecor.report.kept_results import KeptResults
from cinecor.report.names import RESULTS_JSON
from cinecor.review.store.identity import study_identity
from cinecor.review.store.study_store import StudyStore


def holds_results(path: Path) -> bool:
    """Return whether a path is a folder of results and no study."""
    return (path / RESULTS_JSON).is_file()


def source_of(kept: KeptResults, store: StudyStore | None) -> Path | None:
    """Return where the study of results lies: as the worklist knows it, or as they were told; None: unknown."""
    uids = set(kept.results.stack.series_uids)
    rows = () if store is None else store.worklist()
    known = [Path(row.source) for row in rows if row.series_uid in uids]
    places = [path for path in (*known, Path(kept.results.input)) if path.is_absolute() and path.exists()]
    return next((path for path in places if not holds_results(path)), None)  # those of a cohort wait there too


def same_study(one: OpenedStudy, other: OpenedStudy) -> bool:
    """Return whether two inputs hold one study: the same instances, pictures and patient."""
    if not set(one.stack.series_uids).intersection(other.stack.series_uids) or one.card != other.card:
        return False
    return study_identity(one.stack) == study_identity(other.stack)
