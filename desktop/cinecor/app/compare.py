"""`compare_pairs`: two sides of many studies become one agreement."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cinecor.agreement.comparison import StudyComparison, compare_readings
from cinecor.agreement.figures import Agreement, agreement_of
from cinecor.agreement.pairs import Pair, Unpaired
from cinecor.app.cohort.cohort_results import CohortResults
from cinecor.errors import CinecorError
from cinecor.progress import CancelCheck, never, stop_if


def compare_pairs(
    pairs: Sequence[Pair],
    *,
    sides: Sequence[Path] = (),
    one_sided: Sequence[Unpaired] = (),
    named: bool = False,
    cancelled: CancelCheck = never,
) -> Agreement:
    """Return the agreement of both sides of all pairs; a study that cannot be compared is told and left out.

    So are those that are known to lack a side (`one_sided`), and results that a cohort they lie in does not count as
    its own any more; `named` says that a person named each folder, so that a reader's results there count. Where the
    pairs are those that two `sides` share, the agreement tells how much of each is not done. Labels are held of one
    study at a time. Raises `Cancelled` on request, and what reading a cohort's manifest raises.
    """
    cohorts = CohortResults(side for pair in pairs for side in (pair.first, pair.second) if side is not None)
    compared: list[StudyComparison] = []
    unpaired = list(one_sided)
    for pair in pairs:
        stop_if(cancelled)
        try:
            first, second = pair.readings()
            cohorts.require(pair.first, first.grid.results, reader_counts=named)
            if pair.second is not None:
                cohorts.require(pair.second, second.grid.results, reader_counts=named)
            compared.append(compare_readings(pair.study, first, second, group=pair.group))
        except CinecorError as error:
            unpaired.append(Unpaired(pair.study, error.message))
    rests = {side: rest for side, folder in zip("AB", sides, strict=False) if (rest := cohorts.rest_of(folder))}
    same = sum(pair.second is not None and pair.first.resolve() == pair.second.resolve() for pair in pairs)
    return replace(agreement_of(compared, unpaired=unpaired), rests=rests, same_folders=same)
