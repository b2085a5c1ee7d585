"""Twelve planted faults mended in the window by real mouse events, each change carried over the cycle; prints tables.

usage: correcting.py [--study FOLDER] [--size PIXELS]

The phantom's truth is closed form; of a study the truth are the bundled model's outlines before the faults are planted.
The hand lies 2 pixels of the screen beside where it wants to be. Its time is a model, told apart from the machine's:
0.4 s to reach a place and press, 500 pixels of the screen a second while it drags, 0.3 s a key. It drags on while the
machine works: what counts of the machine's time then is what it takes longer than the hand. The latency is that of each
mouse event: until the outline is painted, and until numbers, curves and matrix are; processor time beside it, for
machines that do something else meanwhile.
"""

import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `cinecor` does
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "gui"))

import numpy as np
from faults import Frame, dice
from mending import Mended, Spot, Stroke, mend, spots
from mouse import move_held, turn_wheel
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.review import Gesture
from cinecor.review.borders import Border
from cinecor.ui.tools.toolbox import ToolName
from cinecor.ui.window.application import make_application
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import Acquisition, make_phantom, write_dicom

_UNSTEADY_SCREEN_PX = 2.0
_REACH_S, _DRAG_PX_A_S, _KEY_S = 0.4, 500.0, 0.3
_EVENT_PX = 6.0  # of the screen, between two events of a drag
_FILLED = 0.8  # of the view, by what is looked at
_ZOOM_OF_TURN = 1.0015  # for an eighth of a degree, see `CineView`
_ROUNDS = 3  # of events: numbers are counted in one, and painted in the next
_RUN = 4  # phases to either side that have the fault too
_LEFT, _NOTHING = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
_TOOLS = {
    Gesture.PUSH: (ToolName.PUSH, Qt.Key.Key_P),
    Gesture.ARC: (ToolName.ARC, Qt.Key.Key_R),
    Gesture.OUTLINE: (ToolName.OUTLINE, Qt.Key.Key_N),
    Gesture.BRUSH: (ToolName.BRUSH, Qt.Key.Key_B),
}
_HOLDS = {Border.ENDO: Qt.Key.Key_C, Border.EPI: Qt.Key.Key_W, Border.RV: Qt.Key.Key_V}


@dataclass(frozen=True, slots=True)
class Latency:
    """How long something took, by the clock and by the processor."""

    wall_s: float
    processor_s: float

    @classmethod
    def since(cls, begun: tuple[float, float]) -> "Latency":
        """Return what has passed since `now`."""
        return cls(*(end - start for start, end in zip(begun, cls.now(), strict=True)))

    @staticmethod
    def now() -> tuple[float, float]:
        """Return what both say now."""
        return time.perf_counter(), time.process_time()


@dataclass(slots=True, eq=False)
class MousePen:
    """Draws on the page in front as its user does."""

    application: QApplication
    page: StudyPage
    hand_s: float = 0.0
    machine_s: float = 0.0
    processor_s: float = 0.0  # of `machine_s`, what the processor worked
    lines: list[Latency] = field(default_factory=list)
    numbers: list[Latency] = field(default_factory=list)

    @property
    def unsteady_px(self) -> float:
        """By how large the heart is shown."""
        return _UNSTEADY_SCREEN_PX / self.page.cine.to_screen().m11()

    def look_closer(self, points: NDArray[np.float64]) -> None:
        """Zoom by Ctrl and the wheel until a piece of a line fills the view; a line that is drawn must not leave it."""
        cine = self.page.cine
        cine.zoom_to_heart()
        middle, size = (points.min(axis=0) + points.max(axis=0)) / 2, np.ptp(points, axis=0) * cine.to_screen().m11()
        factor = min(cine.width() / max(size[0], 1.0), cine.height() / max(size[1], 1.0)) * _FILLED
        about = QPointF(float(middle[0]), float(middle[1]))
        if factor > 1.1:
            place = cine.to_screen().map(about)
            turn_wheel(cine, place, round(np.log(factor) / np.log(_ZOOM_OF_TURN)), Qt.KeyboardModifier.ControlModifier)
            self.hand_s += _KEY_S
        off = QPointF(cine.rect().center()) - cine.to_screen().map(about)
        if off.manhattanLength() > 1:
            start = cine.rect().center()
            QTest.mousePress(cine, Qt.MouseButton.MiddleButton, _NOTHING, start)
            move_held(cine, start, (QPointF(start) + off).toPoint(), Qt.MouseButton.MiddleButton, steps=2)
            QTest.mouseRelease(cine, Qt.MouseButton.MiddleButton, _NOTHING, (QPointF(start) + off).toPoint())
            self.hand_s += _REACH_S
        self.application.processEvents()

    def draw(self, _: Frame, stroke: Stroke) -> Frame:
        """Take the tool, hold the border, set the disc, and draw."""
        page, cine = self.page, self.page.cine
        name, key = _TOOLS[stroke.gesture]
        if page.toolbox.name is not name:
            self.key(key)
        canvas = page.toolbox.canvas
        if canvas.held is not stroke.border:
            self.key(_HOLDS[stroke.border])
        if stroke.radius_mm and abs(canvas.radius_mm / stroke.radius_mm - 1) > 0.05:
            steps = np.log(stroke.radius_mm / canvas.radius_mm) / np.log(1.12)
            turn_wheel(cine, QPointF(cine.rect().center()), round(120 * steps))
            self.hand_s += _KEY_S
        for _ in range(_ROUNDS):  # the line below the views has said what comes next, and taken its room
            self.application.processEvents()
        stops = [cine.to_screen().map(QPointF(x, y)).toPoint() for x, y in stroke.points]
        if stroke.gesture is Gesture.OUTLINE:
            for stop in stops:
                self._timed(lambda stop=stop: QTest.mouseClick(cine, _LEFT, _NOTHING, stop))
                self.hand_s += _REACH_S
            self.key(Qt.Key.Key_Return)
        else:
            self._drag(stops)
        place = (page.desk.cursor.slice, page.desk.cursor.phase)
        labels = page.desk.overlays.labels
        assert labels is not None
        return labels[place].copy()

    def take_back(self) -> None:
        """Press Ctrl+Z."""
        self.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = _NOTHING) -> None:
        """Press a key over the image."""
        self._timed(lambda: QTest.keyClick(self.page.cine, key, held))
        self.hand_s += _KEY_S

    def _drag(self, stops: list[QPoint]) -> None:
        cine = self.page.cine
        self._timed(lambda: QTest.mousePress(cine, _LEFT, _NOTHING, stops[0]))
        self.hand_s += _REACH_S
        for start, end in pairwise(stops):
            length = QLineF(start, end).length()
            parts = max(1, round(length / _EVENT_PX))
            at = [QPointF(start) + QPointF(end - start) * part / parts for part in range(parts + 1)]
            for one, other in pairwise(at):
                self._move(one.toPoint(), other.toPoint())
        self._timed(lambda: QTest.mouseRelease(cine, _LEFT, _NOTHING, stops[-1]))

    def _move(self, start: QPoint, end: QPoint) -> None:
        begun = Latency.now()
        move_held(self.page.cine, start, end, _LEFT, steps=1)
        self.page.cine.repaint()
        self.lines.append(Latency.since(begun))
        for _ in range(_ROUNDS):
            self.application.processEvents()
        self.numbers.append(Latency.since(begun))
        hand_s = QLineF(start, end).length() / _DRAG_PX_A_S
        self.hand_s += hand_s
        self.machine_s += max(0.0, self.numbers[-1].wall_s - hand_s)
        self.processor_s += max(0.0, self.numbers[-1].processor_s - hand_s)

    def _timed(self, what: object) -> None:
        begun = Latency.now()
        what()  # type: ignore[operator]
        self.application.processEvents()
        took = Latency.since(begun)
        self.machine_s += took.wall_s
        self.processor_s += took.processor_s


@dataclass(frozen=True, slots=True)
class Row:
    """One fault and what mending it took."""

    fault: str
    spoiled: float
    mended: float
    gestures: int
    hand_s: float
    machine_s: float
    processor_s: float
    frames: int
    before: float
    after: float
    worst: float


class Bench:
    """One window with one study."""

    def __init__(self, study: Path, *, own_labels: NDArray[np.uint8] | None) -> None:
        self.application = make_application(["cinecor-correcting"])
        settings = Settings(None)
        settings.change("keep_studies", False)
        settings.change("language", "en")
        settings.change("auto_segment", own_labels is None)
        self.desktop = Desktop(self.application, settings)
        self.desktop.settings.change("layout", "2")
        self.desktop.window.show()
        self.desktop.window.resize(1440, 900)  # the platform without a screen has made it smaller
        self.desktop.open(study)
        page = self.desktop.window.page
        assert page is not None
        self.page = page
        review = page.desk.review
        self._until(lambda: page.desk.reading.study is not None and not page.desk.operations.busy)
        if own_labels is not None:
            self._adopt(own_labels)
        self._until(lambda: review.result is not None and not page.desk.operations.busy)
        assert review.decided is not None
        assert review.decided.labels is not None
        self.truth = review.decided.labels.copy()
        self.spacing_mm = review.decided.stack.geometry.pixel_spacing_mm
        self.pen = MousePen(self.application, page)

    def mend(self, spot: Spot, random: np.random.Generator) -> Row:
        """Plant a fault in a run of phases, mend its frame, carry the change."""
        self.desktop.window.actions_by_name["model_everywhere"].trigger()
        spoiled = spot.spoiled(_RUN)
        self._adopt(spoiled)
        page = self.page
        page.desk.cursor.go(to_slice=spot.place[0], to_phase=spot.place[1])
        page.cine.zoom_to_heart()
        page.focus_image()
        self.application.processEvents()
        self.pen.hand_s = self.pen.machine_s = self.pen.processor_s = 0.0
        mended: Mended = mend(spot.planted, self.pen, pixel_spacing_mm=self.spacing_mm, random=random)
        took_s = (self.pen.hand_s, self.pen.machine_s, self.pen.processor_s)
        page.toolbox.choose(None)
        page.toolbox.canvas.hold(None)
        self.pen.key(Qt.Key.Key_K)
        self._until(lambda: not page.desk.carrying.running)
        labels = page.desk.overlays.labels
        assert labels is not None
        others = [(spot.place[0], phase) for phase in range(labels.shape[1]) if phase != spot.place[1]]
        others = [place for place in others if place in spot.whole]
        before = [dice(spoiled[place], self.truth[place]) for place in others]
        after = [dice(labels[place], self.truth[place]) for place in others]
        changed = sum((labels[place] != spoiled[place]).any() for place in others)
        worst = min(b - a for a, b in zip(before, after, strict=True))
        planted = spot.planted
        return Row(
            planted.fault.value, dice(planted.frame, planted.truth), dice(mended.frame, planted.truth), mended.gestures,
            *took_s, int(changed), float(np.mean(before)), float(np.mean(after)), worst,
        )  # fmt: skip

    def close(self) -> None:
        """End the program."""
        self.desktop.close()

    def _adopt(self, labels: NDArray[np.uint8]) -> None:
        decided = self.page.desk.review.decided
        assert decided is not None
        found = decided.segmentation
        if found is None:
            sure = np.full(labels.shape[:2], 0.9, np.float32)
            found = Segmentation(labels, sure, ModelIdentity("truth", "1", "", "fp32"), Runtime("cpu", "CPU"), ())
        self.page.desk.review.adopt(replace(found, labels=labels.copy()))

    def _until(self, ready: object) -> None:
        while not ready():  # type: ignore[operator]
            self.application.processEvents()
            time.sleep(0.001)


def _report(name: str, rows: list[Row], pen: MousePen) -> None:
    write = sys.stdout.write
    write(f"{name}\n  fault                   Dice           gestures  hand + machine   ")
    write("| carried: frames, mean Dice, worst\n")
    for one in rows:
        write(
            f"  {one.fault:22s} {one.spoiled:.3f} -> {one.mended:.3f} {one.gestures:5d}    {one.hand_s:5.1f} + "
            f"{one.machine_s:.1f} s     | {one.frames:2d}, {one.before:.4f} -> {one.after:.4f}, {one.worst:+.4f}\n"
        )
    seconds = [one.hand_s + one.machine_s for one in rows]
    undisturbed = [one.hand_s + one.processor_s for one in rows]
    write(
        f"  median gestures {statistics.median(one.gestures for one in rows):.1f}, seconds a frame "
        f"{statistics.median(seconds):.1f}, a study {sum(seconds):.0f} (by processor time "
        f"{statistics.median(undisturbed):.1f} and {sum(undisturbed):.0f}); Dice after: median "
        f"{statistics.median(one.mended for one in rows):.3f}, least {min(one.mended for one in rows):.3f}; "
        f"worst loss of an untouched frame {min(one.worst for one in rows):+.4f}\n"
    )
    for what, found in (("redrawn outline", pen.lines), ("numbers, curves, matrix", pen.numbers)):
        wall_ms = sorted(1e3 * one.wall_s for one in found)
        processor_ms = statistics.median(1e3 * one.processor_s for one in found)
        write(
            f"  mouse to {what}: median {statistics.median(wall_ms):.1f} ms, 95 percent within "
            f"{wall_ms[int(0.95 * len(wall_ms))]:.1f} ms ({len(wall_ms)} events); processor time "
            f"{processor_ms:.1f} ms\n"
        )


def main() -> None:
    """Mend the phantom, or a study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path)
    parser.add_argument("--size", type=int, help="the phantom on so many pixels square, for the latency")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        study, labels = options.study, None
        if study is None:
            acquisition = Acquisition()
            if options.size is not None:
                side = options.size
                acquisition = replace(acquisition, rows=side, columns=side, pixel_spacing_mm=360.0 / side)
            phantom = make_phantom(acquisition=acquisition)
            study, labels = Path(temporary) / "phantom", phantom.labels.astype(np.uint8)
            write_dicom(phantom, study, style="siemens")
        bench, random = Bench(study, own_labels=labels), np.random.default_rng(5)
        if options.size is not None:
            bench.desktop.settings.change("layout", "1")  # with numbers, curves and matrix beside the image
        rows = [bench.mend(spot, random) for spot in spots(bench.truth, pixel_spacing_mm=bench.spacing_mm)]
        _report("phantom" if labels is not None else study.name, rows, bench.pen)
        bench.close()


if __name__ == "__main__":
    main()
