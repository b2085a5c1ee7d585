"""`compare_pairs`: two sides of many studies become one agreement."""

from collections.abc import Sequence

from cinecor.agreement.comparison import StudyComparison, compare_readings
from cinecor.agreement.figures import Agreement, agreement_of
from cinecor.agreement.pairs import Pair, Unpaired
from cinecor.errors import CinecorError
from cinecor.progress import CancelCheck, never, stop_if


def compare_pairs(
    pairs: Sequence[Pair], *, one_sided: Sequence[Unpaired] = (), cancelled: CancelCheck = never
) -> Agreement:
    """Return the agreement of both sides of all pairs; a study that cannot be compared is told and left out.

    So are those that are known to lack a side (`one_sided`). Labels are held of one study at a time. Raises
    `Cancelled` on request.
    """
    compared: list[StudyComparison] = []
    unpaired = list(one_sided)
    for pair in pairs:
        stop_if(cancelled)
        try:
            first, second = pair.readings()
            compared.append(compare_readings(pair.study, first, second, group=pair.group))
        except CinecorError as error:
            unpaired.append(Unpaired(pair.study, error.message))
    return agreement_of(compared, unpaired=unpaired)
