"""What is written over images: orientation letters, rulers in mm, and the corners' text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QTransform

from cinecor.scene.level_window import LevelWindow
from cinecor.scene.picture_turn import AS_TAKEN, PictureTurn
from cinecor.study.cine_stack import StackGeometry
from cinecor.ui.look.halo import INK, SHADE, shaded_path
from cinecor.ui.look.names import moment_name
from cinecor.ui.look.texts import N_, number_text, tr
from cinecor.ui.study.overlays import Caveat, Place
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.tools.viewport import px_per_mm
from cinecor.ui.views.written import Written

_LETTERS = (("R", "L"), ("A", "P"), ("F", "H"))  # LPS grows to the left, the back and the head
MARGIN = 10.0  # between texts and the edges of an image
_RULER_MM = 10
_RULER_PX = 46.0  # from the edge: between it and the edge stands a letter
_CAVEATS = {Caveat.PROVISIONAL: N_("outlines not final yet"), Caveat.NOT_COUNTED: N_("slice not counted")}
_LONGEST_RULER = 0.55  # of the view's height or width


def direction_letters(vector: NDArray[np.float64]) -> str:
    """Name a direction in patient space (LPS) by up to two letters, the strongest first: "L", "AL"."""
    named = []
    for axis in np.argsort(-np.abs(vector)):
        if abs(vector[axis]) < 0.38:
            break
        named.append(_LETTERS[axis][int(vector[axis] > 0)])
    return "".join(named[:2])


def edge_letters(geometry: StackGeometry, turn: PictureTurn = AS_TAKEN) -> dict[Qt.AlignmentFlag, str]:
    """Name which side of the patient lies at each edge of a stack's images; nothing where that is not known."""
    return side_letters(geometry.column_axis, geometry.row_axis, turn) if geometry.oriented else {}


def side_letters(
    column_axis: NDArray[np.float64], row_axis: NDArray[np.float64], turn: PictureTurn
) -> dict[Qt.AlignmentFlag, str]:
    """Name which side of the patient lies at each edge of an image whose x and y grow along these axes (LPS)."""
    to_right = turn.across[0] * column_axis + turn.down[0] * row_axis
    to_bottom = turn.across[1] * column_axis + turn.down[1] * row_axis
    align = Qt.AlignmentFlag
    return {
        align.AlignRight | align.AlignVCenter: direction_letters(to_right),
        align.AlignLeft | align.AlignVCenter: direction_letters(-to_right),
        align.AlignBottom | align.AlignHCenter: direction_letters(to_bottom),
        align.AlignTop | align.AlignHCenter: direction_letters(-to_bottom),
    }


def write_letters(written: Written, letters: Mapping[Qt.AlignmentFlag, str]) -> None:
    """Write at each edge which side of the patient it is."""
    for flags, named in letters.items():
        written.write_beside(flags, named, bold=True)


def turn_text(turn: PictureTurn) -> str:
    """Say that a picture is not shown as it was taken; nothing where it is."""
    told = [tr("turned by {degrees}°", degrees=turn.degrees)] if turn.quarters else []
    return " · ".join([*told, tr("mirrored")] if turn.mirrored else told)


@dataclass(frozen=True, slots=True)
class Ruler:
    """A line of whole centimetres beside an image, in screen coordinates."""

    line: QLineF
    ticks: int  # one a centimetre
    tick: QPointF  # how a tick stands out

    @property
    def lies(self) -> bool:
        """Whether it lies along the lower edge."""
        return self.tick.x() == 0

    @property
    def box(self) -> QRectF:
        """What it covers."""
        ends = self.tick * 1.6
        return QRectF(self.line.p1(), self.line.p2() + ends).normalized()

    @property
    def lines(self) -> list[QLineF]:
        """The line and its ticks; every fifth is longer."""
        step = (self.line.p2() - self.line.p1()) / self.ticks
        lines = [self.line]
        for number in range(self.ticks + 1):
            at = self.line.p1() + step * number
            lines.append(QLineF(at, at + self.tick * (1.6 if number % 5 == 0 else 1)))
        return lines


def rulers(area: QRectF, to_screen: QTransform, spacing_mm: tuple[float, float]) -> list[Ruler]:
    """Lay a ruler at the lower and one at the right edge, up to 10 cm long as there is room."""
    cm_px = px_per_mm(to_screen, spacing_mm) * _RULER_MM
    laid = []
    for room, middle, along, tick in (
        (area.width(), QPointF(area.center().x(), area.bottom() - _RULER_PX), QPointF(1, 0), QPointF(0, 5)),
        (area.height(), QPointF(area.right() - _RULER_PX, area.center().y()), QPointF(0, 1), QPointF(5, 0)),
    ):
        ticks = min(10, int(room * _LONGEST_RULER / cm_px))
        if ticks >= 1:
            half = along * (ticks * cm_px / 2)
            laid.append(Ruler(QLineF(middle - half, middle + half), ticks, tick))
    return laid


def paint_rulers(painter: QPainter, laid: Iterable[Ruler], *, written: Written) -> None:
    """Draw rulers, with the length of the lower one beside it."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for ruler in laid:
        for colour, width in ((SHADE, 3.0), (INK, 1.0)):
            painter.setPen(QPen(colour, width))
            painter.drawLines(ruler.lines)
        if ruler.lies:
            end = ruler.line.p2() + QPointF(8, -8)
            written.write(Qt.AlignmentFlag.AlignLeft, f"{ruler.ticks} cm", area=QRectF(end, end + QPointF(60, 16)))
    painter.restore()


def write_place(
    written: Written, desk: StudyDesk, *, place: Place, caveat: Caveat | None, turn: PictureTurn = AS_TAKEN
) -> None:
    """Write which frame it is, and how it is shown otherwise than it was taken."""
    assert desk.reading.study is not None
    stack, (index, phase_at) = desk.reading.study.stack, place
    last = stack.slices - 1
    told_place = tr("Slice {slice} of {slices}", slice=index + 1, slices=stack.slices)
    base_is_last = desk.cut.base_is_last
    if index in (0, last) and base_is_last is not None and last > 0:
        told_place += " · " + (tr("base") if (index == last) is base_is_last else tr("apex"))
    phase = tr("Phase {phase} of {phases}", phase=phase_at + 1, phases=stack.phases)
    if stack.phase_times_ms is not None:
        phase += f" · {stack.phase_times_ms[phase_at]:.0f} ms"
    moments = " ".join(map(moment_name, desk.review.moments_at(phase_at)))
    if moments:
        phase += f" · {moments}"
    told = "" if caveat is None else "\n" + tr(_CAVEATS[caveat])
    told += f"\n{turn_text(turn)}" if turn != AS_TAKEN else ""
    align = Qt.AlignmentFlag
    written.write(align.AlignLeft | align.AlignTop, f"{told_place}\n{phase}{told}")


def write_window(written: Written, window: LevelWindow, *, zoom: float | None = None) -> None:
    """Write in what window of greys a picture is shown, and how large against the whole image."""
    shade = tr("W {width}  L {level}", width=f"{window.width:.0f}", level=f"{window.level:.0f}")
    align = Qt.AlignmentFlag
    written.write(align.AlignRight | align.AlignTop, shade if zoom is None else f"{shade}\n{100 * zoom:.0f} %")


def place_text(place_mm: NDArray[np.float64]) -> str:
    """Return a place in the patient (LPS, mm) as people say it: "L 12.3  P 40.1  H 88.0 mm"."""
    told = [
        f"{letters[int(value > 0)]} {number_text(abs(value), 1)}"
        for letters, value in zip(_LETTERS, place_mm.tolist(), strict=True)
    ]
    return "  ".join(told) + " mm"


def paint_cross(painter: QPainter, at: QPointF) -> None:
    """Draw a small cross, open in its middle, about a point of the screen."""
    path = QPainterPath()
    for along in (QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)):
        path.moveTo(at + along * 4)
        path.lineTo(at + along * 11)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shaded_path(painter, path, width=1.2)
    painter.restore()
