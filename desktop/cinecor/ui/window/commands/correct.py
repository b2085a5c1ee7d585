"""The menu Correct: the tools, what they hold, and what one corrected frame does to others."""

from collections.abc import Callable
from typing import Final

from cinecor.app.carry_change import (
    Along,
    CarryTo,
    back_to_models,
    carried,
    ends_around,
    filled_between,
    meant_at,
    provisional,
)
from cinecor.review import AcceptFrames, ChoosePapillaries, Gesture, Redraw, redraw_one
from cinecor.review.borders import Border
from cinecor.review.correction import Place
from cinecor.review.papillary_choice import PapillaryChoice, PapillaryConvention
from cinecor.review.tools.deletion import delete, onward
from cinecor.review.tools.papillary import hull
from cinecor.ui.look.names import border_name
from cinecor.ui.look.texts import N_, tr
from cinecor.ui.tools.toolbox import ToolName
from cinecor.ui.window.command import AtStudy, Menu
from cinecor.ui.window.study_page import StudyPage

CORRECT: Final = Menu(N_("Correct"))


def _correctable(page: StudyPage) -> bool:
    return page.toolbox.canvas.drawable is not None


def _held(page: StudyPage) -> str:
    """Say what a command would change: the structure whose border is held, or all of them."""
    held = page.toolbox.canvas.held
    return tr("all structures") if held is None else border_name(held)


def _take(at: AtStudy, name: ToolName) -> None:
    toolbox = at.page.toolbox
    toolbox.choose(None if toolbox.name is name else toolbox.tools[name])
    at.page.focus_image()


# -- tools


@CORRECT.study_command(N_("Push a line"), "P", when=_correctable, also=N_("contour nudge sculpt correct"))
def push(at: AtStudy) -> None:
    """Take the disc that pushes lines, or lay it down."""
    _take(at, ToolName.PUSH)


@CORRECT.study_command(N_("Redraw an arc"), "R", when=_correctable, also=N_("contour pen spline correct"))
def redraw_arc(at: AtStudy) -> None:
    """Take the pen that replaces an arc by a stroke, or lay it down."""
    _take(at, ToolName.ARC)


@CORRECT.study_command(N_("New outline"), "N", when=_correctable, also=N_("contour draw polygon"))
def new_outline(at: AtStudy) -> None:
    """Take the tool that draws a line through clicks, or lay it down."""
    _take(at, ToolName.OUTLINE)


@CORRECT.study_command(N_("Drag handles"), "J", when=_correctable)
def handles(at: AtStudy) -> None:
    """Show handles on the lines to drag, or hide them."""
    _take(at, ToolName.HANDLES)


@CORRECT.study_command(N_("Brush"), "B", when=_correctable, also=N_("paint contour mask"))
def brush(at: AtStudy) -> None:
    """Take the brush, or lay it down."""
    _take(at, ToolName.BRUSH)


@CORRECT.study_command(N_("Eraser"), "E", when=_correctable)
def eraser(at: AtStudy) -> None:
    """Take the eraser, or lay it down."""
    _take(at, ToolName.ERASER)


# -- what they hold


@CORRECT.study_command(N_("Hold the cavity, or the nearest line"), "C", separated=True, when=_correctable)
def hold_cavity(at: AtStudy) -> None:
    """Let tools move the cavity's border alone, or the nearest again."""
    _hold(at, Border.ENDO)


@CORRECT.study_command(N_("Hold the wall, or the nearest line"), "W", when=_correctable)
def hold_wall(at: AtStudy) -> None:
    """Let tools move the wall's outer border alone, or the nearest again."""
    _hold(at, Border.EPI)


@CORRECT.study_command(N_("Hold the RV, or the nearest line"), "V", when=_correctable)
def hold_rv(at: AtStudy) -> None:
    """Let tools move the RV's border alone, or the nearest again."""
    _hold(at, Border.RV)


def _hold(at: AtStudy, border: Border) -> None:
    canvas = at.page.toolbox.canvas
    canvas.hold(None if canvas.held is border else border)


# -- without a tool


@CORRECT.study_command(
    N_("Delete here"), "Del", separated=True, when=_correctable, what=_held, also=N_("erase remove contour")
)
def delete_here(at: AtStudy) -> None:
    """Take the structure that is held, or all of them, out of this frame."""
    place, canvas = at.place, at.page.toolbox.canvas
    frame = canvas.frame(place)
    if frame is not None:
        at.desk.review.edit(redraw_one(Gesture.DELETE, place, delete(frame, canvas.held), border=canvas.held))


@CORRECT.study_command(N_("Delete from here to where it returns"), "Shift+Del", when=_correctable, what=_held)
def delete_onward(at: AtStudy) -> None:
    """Take it out of this phase and the following ones, until it comes back by itself."""
    canvas = at.page.toolbox.canvas
    review, held = canvas.drawable, canvas.held
    if review is None or review.labels is None:
        return
    labels = review.labels
    frames = {place: delete(labels[place], held) for place in onward(labels, at.place, held)}
    if frames:
        at.desk.review.edit(Redraw(Gesture.DELETE_ONWARD, frames, held))


@CORRECT.study_command(
    N_("Carry the change to other phases"), "K", separated=True, when=_correctable, also=N_("propagate contour copy")
)
def carry_phases(at: AtStudy) -> None:
    """Bring what was corrected here to earlier and later phases that have the same fault."""
    _carry(at, CarryTo.PHASES)


@CORRECT.study_command(N_("Carry the change to later phases"), "Shift+K", when=_correctable)
def carry_later(at: AtStudy) -> None:
    """Bring what was corrected here to later phases that have the same fault."""
    _carry(at, CarryTo.LATER_PHASES)


@CORRECT.study_command(N_("Carry the change to other slices"), "L", when=_correctable)
def carry_slices(at: AtStudy) -> None:
    """Bring what was corrected here to the slices beside it at this phase."""
    _carry(at, CarryTo.SLICES)


def _carry(at: AtStudy, to: CarryTo) -> None:
    history, review = at.desk.review.history, at.page.toolbox.canvas.drawable
    meant = None if history is None or review is None else meant_at(at.place, review, history.edits)
    if meant is None:
        at.page.messages.show_text(tr("Correct this frame first: its change is what is carried to the others."))
        return
    at.desk.carrying.start(lambda now: carried(meant, now, to))


@CORRECT.study_command(N_("Fill between corrected phases"), "U", when=_correctable, also=N_("interpolate contours"))
def fill_phases(at: AtStudy) -> None:
    """Draw the phases between two corrected ones of this slice."""
    _fill(at, Along.PHASES)


@CORRECT.study_command(N_("Fill between corrected slices"), "Shift+U", when=_correctable)
def fill_slices(at: AtStudy) -> None:
    """Draw the slices between two corrected ones at this phase."""
    _fill(at, Along.SLICES)


def _fill(at: AtStudy, along: Along) -> None:
    review = at.page.toolbox.canvas.drawable
    ends = None if review is None else ends_around(at.place, review, along)
    if ends is None:
        at.page.messages.show_text(
            tr("Filling needs a corrected or accepted frame on both sides of this one: correct two, then fill.")
        )
        return
    at.desk.carrying.start(lambda now: filled_between(ends, now))


@CORRECT.study_command(N_("Accept this frame, go to the next provisional"), "Return", "Enter", separated=True,
                       when=_correctable)  # fmt: skip
def accept(at: AtStudy) -> None:
    """Note that this frame was looked at, and go to the nearest that was carried or filled."""
    review, place = at.page.toolbox.canvas.drawable, at.place
    if review is None:
        return
    at.desk.review.edit(AcceptFrames.of([place]))
    left = [one for one in provisional(review) if one != place]
    if left:
        index, phase = min(left, key=lambda one: (abs(one[0] - place[0]), abs(one[1] - place[1])))
        at.desk.cursor.go(to_slice=index, to_phase=phase)


@CORRECT.study_command(N_("Accept all provisional frames of the slice"), "Shift+Return",
                       when=_correctable)  # fmt: skip
def accept_slice(at: AtStudy) -> None:
    """Note that all frames of the slice that were carried or filled were looked at."""
    review = at.page.toolbox.canvas.drawable
    if review is not None:
        at.desk.review.edit(AcceptFrames.of([one for one in provisional(review) if one[0] == at.place[0]]))


# -- papillary muscles


@CORRECT.study_command(N_("Show papillary muscles"), "M", separated=True, when=_correctable)
def papillaries(at: AtStudy) -> None:
    """Show the muscle within the cavity and move its threshold, or hide it."""
    _take(at, ToolName.PAPILLARIES)


def _other_convention(page: StudyPage) -> str | None:
    review = page.toolbox.canvas.drawable
    if review is None:
        return None
    mass = review.papillaries.convention is PapillaryConvention.MASS
    return tr("as cavity") if mass else tr("as mass")


@CORRECT.study_command(N_("Count papillary muscles"), "Shift+M", when=_correctable, what=_other_convention)
def papillary_mass(at: AtStudy) -> None:
    """Count the muscle within the cavity as mass, or as cavity again."""
    review = at.page.toolbox.canvas.drawable
    if review is not None:
        now = review.papillaries
        mass, cavity = PapillaryConvention.MASS, PapillaryConvention.CAVITY
        other = cavity if now.convention is mass else mass
        at.desk.review.edit(ChoosePapillaries(PapillaryChoice(other, now.shifts)))


@CORRECT.study_command(N_("Close the cavity over papillary muscles"), "Y", when=_correctable)
def close_over(at: AtStudy) -> None:
    """Make the cavity of this frame convex within its wall: for outlines that cut the muscles off."""
    place, frame = at.place, at.page.toolbox.canvas.frame(at.place)
    if frame is not None:
        at.desk.review.edit(redraw_one(Gesture.HULL, place, hull(frame), border=Border.ENDO))


# -- experiments are free


def _corrected(page: StudyPage) -> bool:
    review = page.toolbox.canvas.drawable
    return review is not None and bool(review.corrections.states)


@CORRECT.study_command(
    N_("Back to the model’s here"),
    "Ctrl+Backspace",
    separated=True,
    when=_corrected,
    what=_held,
    also=N_("reset revert original contour"),
)
def model_frame(at: AtStudy) -> None:
    """Give this frame the model's outlines again, or the border that is held alone."""
    _back(at, lambda place: place == at.place, at.page.toolbox.canvas.held)


@CORRECT.study_command(N_("Back to the model’s in this slice"), "Ctrl+Shift+Backspace", when=_corrected)
def model_slice(at: AtStudy) -> None:
    """Give all phases of this slice the model's outlines again."""
    _back(at, lambda place: place[0] == at.place[0], None)


@CORRECT.study_command(N_("Back to the model’s everywhere"), when=_corrected)
def model_everywhere(at: AtStudy) -> None:
    """Give every frame the model's outlines again."""
    _back(at, lambda _: True, None)


def _back(at: AtStudy, of: Callable[[Place], bool], border: Border | None) -> None:
    review = at.page.toolbox.canvas.drawable
    if review is not None:
        at.desk.review.edit(back_to_models(review, [place for place in review.corrections.states if of(place)], border))
