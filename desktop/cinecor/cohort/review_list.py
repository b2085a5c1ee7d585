"""The studies of a cohort that a reader should look at, the one most in need first."""

import heapq
import json
from dataclasses import dataclass
from pathlib import Path

from cinecor.cohort.manifest import Manifest
from cinecor.cohort.study_facts import StudyFacts
from cinecor.measure.findings.finding import Severity
from cinecor.report.names import RESULTS_JSON
from cinecor.report.results import QualityFinding


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One outlined study, and what makes it worth a look."""

    name: str
    input: Path
    series_uid: str | None  # to be opened with the input; None for what has no series
    folder: Path  # of its results
    facts: StudyFacts

    @property
    def is_doubtful(self) -> bool:
        """Whether a doubtful finding bears on one of its numbers."""
        return bool(self.facts.doubtful)


def review_list(cohort: Path, *, doubtful_only: bool = False, most: int | None = None) -> tuple[ReviewItem, ...]:
    """Return the outlined studies of a cohort, those first that most need a reader.

    `doubtful_only` leaves out those that no doubtful finding bears on; `most` takes no more than so many. Raises
    `UsageError` where there is no cohort.
    """
    manifest = Manifest.read(cohort)
    try:
        return review_items(manifest, cohort, doubtful_only=doubtful_only, most=most)
    finally:
        manifest.close()


def review_items(
    manifest: Manifest, cohort: Path, *, doubtful_only: bool = False, most: int | None = None
) -> tuple[ReviewItem, ...]:
    """Return what `review_list` returns, of a manifest that is open."""
    items = (
        ReviewItem(study.folder, row.path, next(iter(facts.series_uids), None), cohort / study.folder, facts)
        for row, study in manifest.studies()
        if study is not None and (facts := study.facts) is not None
        if facts.doubtful or not doubtful_only
    )
    if most is None:
        return tuple(sorted(items, key=_need))
    return tuple(heapq.nsmallest(most, items, key=_need))


def finding_sentences(item: ReviewItem) -> list[tuple[str, bool]]:
    """Return what a study's open findings say, gravest first, and of each whether it puts a number in doubt.

    The sentences lie in its results; where these cannot be read any more, their codes stand for them.
    """
    try:
        findings = json.loads((item.folder / RESULTS_JSON).read_bytes())["quality"]["findings"]
        told = [(one.message, one.severity) for one in map(QualityFinding.model_validate, findings) if not one.answered]
    except (OSError, ValueError, LookupError, TypeError):
        told = list(item.facts.findings.items())
    return [(text, severity == Severity.DOUBTFUL) for text, severity in told if severity != Severity.INFO]


def _need(item: ReviewItem) -> tuple[float, ...]:
    return item.facts.worst_first
