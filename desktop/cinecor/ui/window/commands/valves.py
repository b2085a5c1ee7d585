"""The menu Valves: the lines from which the base of the ventricles, MAPSE and TAPSE follow."""

from functools import partial
from typing import Final

from cinecor.review.base_rule import BaseRule
from cinecor.review.edit import ChooseBase
from cinecor.review.valve.line import Valve
from cinecor.ui.look.texts import N_, said, tr
from cinecor.ui.study.difference import changed_text
from cinecor.ui.views.long_axis_cine_view import DRAW
from cinecor.ui.window.command import AtStudy, Menu
from cinecor.ui.window.study_page import StudyPage

VALVES: Final = Menu(N_("Valves"))


def _drawable(page: StudyPage, valve: Valve) -> bool:
    return any(cine.may_show(valve) for cine in page.desk.long_axis.cines) and not page.desk.review.locked


def _why_not(page: StudyPage) -> str | None:
    if page.desk.review.locked:
        return None
    if page.desk.long_axis.cines:
        return tr("None of the long-axis cines here shows this valve.")
    return tr("A valve’s line is drawn in a long-axis cine, and none stands beside this short axis.")


@VALVES.study_command(DRAW[Valve.MITRAL], "Shift+V", when=partial(_drawable, valve=Valve.MITRAL), why_not=_why_not)
def mitral_line(at: AtStudy) -> None:
    """Draw the line of the mitral valve in a long-axis view, or do not."""
    _choose(at, Valve.MITRAL)


@VALVES.study_command(
    DRAW[Valve.TRICUSPID], "Shift+T", when=partial(_drawable, valve=Valve.TRICUSPID), why_not=_why_not
)
def tricuspid_line(at: AtStudy) -> None:
    """Draw the line of the tricuspid valve in a long-axis view, or do not."""
    _choose(at, Valve.TRICUSPID)


def _choose(at: AtStudy, valve: Valve) -> None:
    valves = at.desk.valves
    valves.choose(None if valves.drawing is valve else valve)
    if valves.drawing is not None:
        at.page.show_long_axis()
        at.page.images.enlarge_for(valve)


def _any_drawn(page: StudyPage) -> bool:
    review = page.desk.review.decided
    return review is not None and bool(review.valves) and not page.desk.review.locked


@VALVES.study_command(N_("Take all lines of valves away"), when=_any_drawn)
def no_valve_lines(at: AtStudy) -> None:
    """Take the lines of both valves away in every view; undo brings them back."""
    at.desk.valves.remove()


def _other_base(page: StudyPage) -> str | None:
    review = page.desk.review.decided
    if review is None:
        return None
    return tr("whole") if review.base is BaseRule.FRACTIONAL else tr("by their part below the valve")


def _base_choosable(page: StudyPage) -> bool:
    review = page.desk.review.decided
    return _any_drawn(page) or (
        review is not None and review.base is BaseRule.FRACTIONAL and not page.desk.review.locked
    )


@VALVES.study_command(N_("Count slices at the base"), separated=True, when=_base_choosable, what=_other_base,
                      also=N_("fractional slice partial slab"))  # fmt: skip
def fractional_base(at: AtStudy) -> None:
    """Count of slices at the base the part below the valve's plane, or whole slices again."""
    model = at.desk.review
    review, before = model.decided, model.result
    if review is None:
        return
    whole, parts = BaseRule.WHOLE, BaseRule.FRACTIONAL
    if model.edit(ChooseBase(whole if review.base is parts else parts)) and before is not None and model.result:
        told = tr("Slices at the base count by their part below the valve now.")
        if review.base is parts:
            told = tr("Slices at the base count whole now.")
        told = f"{told} {changed_text(before.measurements, model.result.measurements)}"
        at.page.telling.remark(" ".join((told, *map(said, model.moved))))
