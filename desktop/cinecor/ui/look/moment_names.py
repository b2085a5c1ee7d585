"""What ED and ES are called, and which phases they are."""

from cinecor.measure.moment import Moment
from cinecor.review import ReviewResult
from cinecor.ui.look.texts import tr


def moment_name(moment: Moment) -> str:
    """Give the short name of a moment in the language in use."""
    return tr(f"name.{moment}")


def moments_by_phase(measures: ReviewResult | None) -> dict[int, str]:
    """Give the names of the phases that are ED, ES or both ("ED ES"); empty while they are not known."""
    if measures is None:
        return {}
    names: dict[int, str] = {}
    for moment, phase in measures.moments.items():
        if phase is not None:
            names[phase] = " ".join(filter(None, (names.get(phase), moment_name(moment))))
    return names
