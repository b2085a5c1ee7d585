"""Frames a second of the short axis and three long-axis cines playing together, by their paint events.

usage: long_axis.py [--study FOLDER] [--seconds 8]     prints a row a view; offscreen, 1920 × 1080, outlines on, lines
of both valves drawn where the study is the phantom
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject
from table import Table

from cinecor.app.settings import Settings
from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.review import SetValveLine
from cinecor.review.valve.line import Valve, ValveView, valve_line
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.views.long_axis_cine_view import LongAxisCineView
from cinecor.ui.window.application import make_application
from cinecor.ui.window.desktop import Desktop
from cinecor_phantom import Phantom, make_phantom, write_dicom
from cinecor_phantom.planted import Planted
from cinecor_phantom.planted_truth import annulus_mm

_WANTED = 30
_FASTEST = 60  # phases a second that are asked for: what is not painted was too slow
_LONGEST_S = 900.0


class _Counter(QObject):
    """Counts how often a view paints."""

    def __init__(self) -> None:
        super().__init__()
        self.painted = 0

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        self.painted += event.type() is QEvent.Type.Paint
        return False


def _play(study: Path, phantom: Phantom | None, *, seconds: float, table: Table) -> None:
    application = make_application(["cinecor-bench"])

    def until(ready: Callable[[], bool]) -> None:
        end = time.perf_counter() + _LONGEST_S
        while not ready():
            application.processEvents()
            time.sleep(0.005)
            if time.perf_counter() > end:
                raise SystemExit("gave up waiting")

    settings = Settings(None)
    settings.change("keep_studies", False)
    settings.change("auto_segment", phantom is None)
    settings.change("speed", "fps")
    settings.change("fps", _FASTEST)
    desktop = Desktop(application, settings)
    desktop.window.show()
    application.processEvents()
    desktop.window.resize(1920, 1080)  # shown first: a window begins within its screen
    desktop.open(study)
    page = desktop.window.page
    assert page is not None
    desk = page.desk
    until(lambda: bool(desk.long_axis.cines) and not desk.operations.busy)
    if phantom is not None:
        desk.review.adopt(_true_outlines(phantom))
        _draw_valves(desk, phantom)
    until(lambda: desk.review.result is not None and not desk.operations.busy)
    views = (page.cine, *(view for view in page.beside.views if isinstance(view, LongAxisCineView)))
    counters = [_Counter() for _ in views]
    for _ in range(desk.cursor.phases):  # the first cycle traces the outlines
        desk.cursor.step(phases=1)
        application.processEvents()
    for view, counter in zip(views, counters, strict=True):
        view.installEventFilter(counter)
    page.player.play()
    begun, worked = time.perf_counter(), time.process_time()
    waiting = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
    while time.perf_counter() - begun < seconds:
        application.processEvents(waiting)  # asleep between events: what is counted is work
    taken, worked = time.perf_counter() - begun, time.process_time() - worked
    page.player.stop()
    for view, counter in zip(views, counters, strict=True):
        name = view.accessibleName()
        table.add(f"{name} {view.width()} × {view.height()}", [counter.painted / taken], "frames/s",
                  f"wanted: ≥ {_WANTED}", decimals=1)  # fmt: skip
    moments = max(1, counters[0].painted)
    table.add("processor time a moment, all views", [1000 * worked / moments], "ms", f"{_WANTED} a second leave 33")
    desktop.close()


def _true_outlines(phantom: Phantom) -> Segmentation:
    return Segmentation(
        phantom.labels,
        np.ones(phantom.labels.shape[:2], np.float32),
        ModelIdentity("truth", "1", "0" * 64, "fp32"),
        Runtime("cpu", "CPUExecutionProvider", {}),
        (),
    )


def _draw_valves(desk: StudyDesk, phantom: Phantom) -> None:
    truth = annulus_mm(phantom)
    for cine, plane, name in zip(desk.long_axis.cines, desk.long_axis.planes, ("4CH", "2CH", "3CH"), strict=True):
        for valve in Valve:
            ends = truth[valve.value].get(name)
            if ends is not None:
                points = plane.to_px(ends.reshape(-1, 3)).reshape(-1, 2, 2)
                line = valve_line(
                    points, plane, drawn=(0,), sure=np.ones(len(points), np.bool_), chambers=cine.entry.chambers
                )
                desk.review.edit(SetValveLine(ValveView(cine.entry.uid, valve), line))


def main() -> None:
    """Play, and print how often each view was painted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, help="a study with long-axis cines; the phantom when left out")
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    table = Table()
    with TemporaryDirectory() as folder:
        phantom = None
        if options.study is None:
            phantom = make_phantom(planted=Planted(valves=True))
            write_dicom(phantom, Path(folder) / "phantom", distractors=True)
        _play(options.study or Path(folder) / "phantom", phantom, seconds=options.seconds, table=table)
    sys.stdout.write(table.markdown())


if __name__ == "__main__":
    main()
