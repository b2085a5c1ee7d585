"""Render the desktop's views for README and the user guide, and rewrite the guide's tables of keys and settings.

Pictures of the phantom go to docs/images, with its true outlines, which are the same on every machine; those of real
studies, where they are present, to build/screenshots, because they show patients: in both schemes and languages, small
and large. QT_SCALE_FACTOR scales these. Run by `make screenshots`.
"""

import argparse
import os
import sys
import tarfile
import time
from collections.abc import Callable, Container
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cinecor.app.other_reading import OtherReading, Whose
from cinecor.app.segment_study import RunningOn
from cinecor.app.settings import HIDDEN_SECTIONS, SETTINGS, Settings
from cinecor.inference.outline.segmentation import Label, ModelIdentity, Runtime, Segmentation
from cinecor.measure.moment import Moment
from cinecor.measure.ventricle import Ventricle
from cinecor.review import Body, SetBody, ToggleSlice
from cinecor.review.valve.line import Valve
from cinecor.ui.look.names import choice_name, placeholder, setting_name
from cinecor.ui.look.texts import tr, use_language
from cinecor.ui.look.theme import DARK
from cinecor.ui.sheets.audit_sheet import AuditSheet
from cinecor.ui.sheets.command_palette import CommandPalette
from cinecor.ui.sheets.key_sheet import MOUSE, WITH_TOOL, KeySheet
from cinecor.ui.sheets.settings_dialog import SettingsDialog
from cinecor.ui.sheets.sign_sheet import SignSheet
from cinecor.ui.views.long_axis_cine_view import LongAxisCineView
from cinecor.ui.window.application import make_application
from cinecor.ui.window.commands import MENUS
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage
from cinecor_phantom import Phantom, make_phantom, write_dicom
from cinecor_phantom.planted import Planted
from cinecor_phantom.planted_truth import annulus_mm

ROOT = Path(__file__).resolve().parents[1]
SIZE, SMALL, LARGE = QSize(1600, 1000), QSize(1024, 700), QSize(2560, 1440)
LONGEST_S = 600.0
_LEFT, _NOTHING = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
_PLAIN, _GREYS = 100, range(0, 256, 4)  # colours kept exactly, the most frequent ones, and those of the images
LAYOUTS = {"overview": "1", "cine": "2", "grid": "3", "long-axis": "4"}
SHEETS = {"audit": AuditSheet, "key_sheet": KeySheet, "settings": SettingsDialog, "palette": CommandPalette}
DATA = {"sunnybrook-sc-hf-i-1.tar.xz": "SCD0000101", "siemens-series-per-slice.tar.xz": "patient1"}
"""Archives with real studies and the folder of the study in each."""


def main() -> None:
    """Draw everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path, action="append", default=[], help="a real study; may be repeated")
    parser.add_argument("--data", type=Path, help="a folder with archives of real studies")
    options = parser.parse_args()
    application = make_application(["cinecor-screenshots"])
    if os.environ.get("QT_SCALE_FACTOR", "1") == "1":  # the guide's pictures have one size
        with TemporaryDirectory() as temporary:
            draw_guide(application, phantom_study(Path(temporary)), ROOT / "docs" / "images")
        write_tables(ROOT / "docs" / "user-guide.md")
    for study in options.study:
        _draw_variants(application, study, ROOT / "build" / "screenshots")
    for name, place in DATA.items():
        if options.data and (options.data / name).exists():
            with TemporaryDirectory() as temporary, tarfile.open(options.data / name) as archive:
                archive.extractall(temporary, filter="data")
                study = next(Path(temporary).rglob(place))
                _draw_variants(application, study, ROOT / "build" / "screenshots")


@dataclass(frozen=True, slots=True, eq=False)
class GuideStudy:
    """The synthetic study that the guide shows."""

    folder: Path
    segmentation: Segmentation


def phantom_study(folder: Path) -> GuideStudy:
    """Write the synthetic study that the guide shows, and return it with its true outlines."""
    study = folder / "phantom"
    phantom = make_phantom()
    write_dicom(phantom, study, style="siemens")
    return GuideStudy(study, _outlines_of(phantom))


def _outlines_of(phantom: Phantom) -> Segmentation:
    confidence = np.full(phantom.labels.shape[:2], 0.95, np.float32)
    confidence[-1, [*range(3), *range(14, confidence.shape[1])]] = 0.6
    identity = ModelIdentity("cinecor-sax", "2", "0" * 64, "int8")
    runtime = Runtime("auto", "CPUExecutionProvider")
    return Segmentation(phantom.labels.astype(np.uint8), confidence, identity, runtime, ())


def draw_guide(
    application: QApplication, study: GuideStudy, folder: Path, *, names: Container[str] | None = None
) -> None:
    """Draw the pictures of the guide, or those with the given names, as folder/desktop-NAME.png."""

    def save(widget: QWidget, name: str) -> None:
        if names is None or name in names:
            _save(widget, folder / f"desktop-{name}.png")

    with TemporaryDirectory() as store:
        if names is None or any(name in names for name in ("worklist", "review", "sign")):
            _draw_review(application, study, Path(store), save)
    if names is None or any(name in names for name in ("long-axis-views", "valves")):
        _draw_long_axis(application, save)
    desktop = _desktop(application)
    desktop.settings.change("auto_segment", False)
    save(desktop.window, "welcome")
    desktop.open(study.folder)
    _until(
        application, lambda: _page(desktop).desk.reading.study is not None and not _page(desktop).desk.operations.busy
    )
    page = _page(desktop)
    desk = page.desk
    desk.review.adopt(study.segmentation)
    desk.outlining.running_on = RunningOn("CPUExecutionProvider", "int8", "cinecor-sax 2", "", None)
    desk.outlining.device_known.emit()
    desktop.settings.change("auto_segment", True)  # as the settings' picture shows it
    desk.review.edit(
        SetBody(Body(desk.review.present.body.heart_rate_bpm if desk.review.present else None, 175.0, 74.0))
    )
    for name, layout in LAYOUTS.items():
        desktop.settings.change("layout", layout)
        desk.cursor.go(to_phase=desk.review.result.moments.ed if desk.review.result else 0)
        _settle(application)
        save(desktop.window, name)
    desktop.settings.change("layout", "1")
    desk.review.edit(
        ToggleSlice(next(index for index in range(desk.cursor.last_slice) if _adds(page, index)), Moment.ED)
    )
    _settle(application)
    save(page.matrix.parentWidget(), "matrix")
    save(page.curves.parentWidget(), "curves")
    save(page.numbers, "numbers")
    desktop.settings.change("bullseye", True)
    page.regional.point(8)
    _settle(application)
    save(page.bullseye.parentWidget(), "bullseye")
    desktop.settings.change("bullseye", False)
    desk.review.undo()
    if names is None or "comparing" in names:
        _draw_correcting(application, desktop, save)
    for name, kind in SHEETS.items():
        desktop.window.actions_by_name[name].trigger()
        _settle(application)
        sheet = desktop.window.findChild(kind)
        assert isinstance(sheet, QWidget)
        save(sheet, name.replace("_", "-"))
        sheet.close()
        _settle(application)
    _dress(application, desktop, "fr", "light", SIZE)
    save(desktop.window, "overview-fr-light")
    _close(desktop)


def _draw_review(
    application: QApplication, study: GuideStudy, store: Path, save: Callable[[QWidget, str], None]
) -> None:
    """Draw the worklist, the review list and the signature, over a store that holds the synthetic study alone."""
    desktop = _desktop(application, store=store)
    desktop.settings.change("auto_segment", False)
    desktop.open(study.folder)
    _until(
        application, lambda: _page(desktop).desk.reading.study is not None and not _page(desktop).desk.operations.busy
    )
    desk = _page(desktop).desk
    desk.review.adopt(study.segmentation)
    desk.review.edit(SetBody(Body(230.0, 175.0, 74.0)))  # a rate that nobody believes, so that something is doubtful
    desktop.window.actions_by_name["next_doubt"].trigger()
    _settle(application)
    save(desktop.window, "review")
    desktop.window.actions_by_name["sign"].trigger()
    _settle(application)
    sheet = desktop.window.findChild(SignSheet)
    assert sheet is not None
    save(sheet, "sign")
    sheet.close()
    desk.keeping.keep_now()
    desktop.window.actions_by_name["worklist"].trigger()
    _until(application, lambda: bool(desktop.window.home.worklist.model.rowCount()))
    _settle(application)
    save(desktop.window, "worklist")
    _close(desktop)


def _draw_long_axis(application: QApplication, save: Callable[[QWidget, str], None]) -> None:
    """Draw the long-axis cines beside the short axis, and both valves drawn at ED and ES and followed between."""
    phantom = make_phantom(planted=Planted(valves=True))
    truth = annulus_mm(phantom)
    with TemporaryDirectory() as temporary:
        study = Path(temporary) / "phantom"
        write_dicom(phantom, study, style="siemens", distractors=True)
        desktop = _desktop(application)
        desktop.settings.change("auto_segment", False)
        desktop.open(study)
        desk = _page(desktop).desk
        _until(application, lambda: bool(desk.long_axis.cines) and not desk.operations.busy)
        desk.review.adopt(_outlines_of(phantom))
        assert desk.review.result is not None
        cine, plane = desk.long_axis.cines[0], desk.long_axis.planes[0]
        for valve in Valve:
            for phase in desk.review.result.moments.values():
                assert phase is not None
                desk.valves.draw(cine, valve, phase, plane.to_px(truth[valve.value]["4CH"][phase]))
        _until(application, lambda: not desk.operations.busy)
        desk.cursor.go(to_phase=desk.review.result.moments.es)
        _settle(application)
        save(desktop.window, "long-axis-views")
        view = LongAxisCineView(desk, cine, plane, toolbox=_page(desktop).toolbox, theme=DARK)
        view.resize(560, 520)
        view.show()
        _settle(application)
        save(view, "valves")
        view.close()
        view.deleteLater()
        _close(desktop)


class _Hand:
    """Corrects one frame by real events of mouse and keys; places are shares of the cavity's radius from its middle."""

    def __init__(self, application: QApplication, desktop: Desktop, save: Callable[[QWidget, str], None]) -> None:
        self._application, self._desktop, self._save = application, desktop, save
        self.page, self.cine = _page(desktop), _page(desktop).cine
        place = (4, 5)
        self.page.desk.cursor.go(to_slice=place[0], to_phase=place[1])
        self.cine.zoom_to_heart()
        self.page.focus_image()
        labels = self.page.desk.overlays.labels
        assert labels is not None
        within = labels[place] == Label.LV
        self._middle = np.argwhere(within).mean(axis=0)[::-1] + 0.5
        self._radius = float(np.sqrt(within.sum() / np.pi))

    def at(self, right: float, down: float) -> QPoint:
        x, y = self._middle + self._radius * np.array([right, down])
        return self.cine.to_screen().map(QPointF(x, y)).toPoint()

    def key(self, *keys: Qt.Key) -> None:
        for key in keys:
            QTest.keyClick(self.cine, key)
            _settle(self._application)

    def save(self, name: str) -> None:
        _settle(self._application)
        self._save(self.cine, f"correcting-{name}")

    def stroke(self, name: str, *points: tuple[float, float], keep: bool = False) -> None:
        stops = [self.at(*point) for point in points]
        QTest.mousePress(self.cine, _LEFT, _NOTHING, stops[0])
        for start, end in pairwise(stops):
            for part in range(1, 9):
                here = QPointF(start) + QPointF(end - start) * part / 8
                there = self.cine.mapToGlobal(here)
                move = QMouseEvent(QEvent.Type.MouseMove, here, there, _LEFT, _LEFT, _NOTHING)
                QApplication.sendEvent(self.cine, move)
        self.save(name)
        if not keep:
            self.key(Qt.Key.Key_Escape)
        QTest.mouseRelease(self.cine, _LEFT, _NOTHING, stops[-1])
        _settle(self._application)


def _draw_correcting(application: QApplication, desktop: Desktop, save: Callable[[QWidget, str], None]) -> None:
    """Draw each tool in the middle of its gesture, then what a carried change marks; all of it is taken back."""
    hand, key = _Hand(application, desktop, save), Qt.Key
    hand.key(key.Key_R)
    hand.stroke("arc", (-0.75, 0.68), (-0.3, 0.62), (0.2, 0.7), (0.65, 0.75))
    hand.key(key.Key_J)
    hand.stroke("handles", (0.0, -1.0), (0.05, -1.25))
    hand.key(key.Key_B, key.Key_W)
    hand.stroke("brush", (1.25, -0.5), (1.5, 0.0), (1.35, 0.45))
    hand.key(key.Key_W, key.Key_N, key.Key_C)
    for point in ((0.0, -1.0), (0.95, -0.2), (0.6, 0.85), (-0.55, 0.8)):
        QTest.mouseClick(hand.cine, _LEFT, _NOTHING, hand.at(*point))
    QTest.mouseMove(hand.cine, hand.at(-0.95, -0.2))
    hand.save("outline")
    hand.key(key.Key_Escape, key.Key_C, key.Key_M)
    for point in ((0.0, 0.05), (0.0, 0.0)):
        QTest.mouseMove(hand.cine, hand.at(*point))
    hand.save("papillaries")
    hand.key(key.Key_P)
    hand.stroke("push", (1.0, -0.45), (1.12, 0.0), (1.0, 0.45), keep=True)
    hand.key(key.Key_Escape, key.Key_Q)
    _draw_comparing(hand, save)
    hand.key(key.Key_K)
    _until(application, lambda: not hand.page.desk.carrying.running)
    hand.key(key.Key_Return, key.Key_Return, key.Key_Return)
    save(desktop.window, "correcting-carried")
    save(hand.page.matrix.parentWidget(), "correcting-matrix")
    for _ in range(5):
        hand.page.desk.review.undo()
    hand.page.desk.cursor.go(to_slice=hand.page.desk.cursor.last_slice // 2, to_phase=0)
    hand.cine.zoom_to_heart()


def _draw_comparing(hand: _Hand, save: Callable[[QWidget, str], None]) -> None:
    """Draw the model's outlines and a second reader's, all of them drawn a little to the left, beside the reader's."""
    comparing = hand.page.desk.comparing
    model = comparing.readings[Whose.MODEL]
    second = np.roll(model.labels, -2, axis=3)
    comparing.show_other(OtherReading("Dr B. Second", second, dict.fromkeys(Ventricle, 57.0)))
    hand.cine.zoom_to_heart()
    hand.key(Qt.Key.Key_Shift)
    save(hand.page.comparison.parentWidget(), "comparing")
    for whose in Whose:
        comparing.hide(whose)
    hand.cine.zoom_to_heart()


def _draw_variants(application: QApplication, study: Path, folder: Path) -> None:
    """Draw a real study in every layout, scheme, language and size, for a designer to look at."""
    desktop = _desktop(application)
    page = _opened(application, desktop, study)
    scale = os.environ.get("QT_SCALE_FACTOR", "1")
    for theme, language in (("dark", "en"), ("light", "fr")):
        for size in (SMALL, SIZE, LARGE):
            _dress(application, desktop, language, theme, size)
            for name, layout in LAYOUTS.items():
                desktop.settings.change("layout", layout)
                _settle(application)
                variant = f"{theme}-{language}-{size.width()}-x{scale}"
                _save(desktop.window, folder / f"{page.desk.path.name}-{name}-{variant}.png")
    _close(desktop)


def _desktop(application: QApplication, *, store: Path | None = None) -> Desktop:
    settings = Settings(None)
    settings.change("language", "en")
    settings.change("keep_studies", store is not None)
    desktop = Desktop(application, settings, store_folder=store)
    desktop.window.setWindowState(Qt.WindowState.WindowNoState)  # the invisible screen is a small one
    desktop.window.resize(SIZE)
    desktop.window.show()
    _settle(application)
    return desktop


def _opened(application: QApplication, desktop: Desktop, study: Path) -> StudyPage:
    desktop.open(study)
    _until(
        application, lambda: _page(desktop).desk.review.result is not None and not _page(desktop).desk.operations.busy
    )
    return _page(desktop)


def _dress(application: QApplication, desktop: Desktop, language: str, theme: str, size: QSize) -> None:
    desktop.settings.change("language", language)
    desktop.settings.change("theme", theme)
    _settle(application)
    desktop.window.resize(size)
    _settle(application)


def _close(desktop: Desktop) -> None:
    if not desktop.close():
        sys.exit("a thread did not end")
    desktop.window.deleteLater()  # now, and not when Python comes round to it: another one follows
    desktop.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _adds(page: StudyPage, index: int) -> bool:
    measures = page.desk.review.result
    assert measures is not None
    return bool(measures.curves.lv_slices_ml[index, measures.moments.ed] > 0)


def _page(desktop: Desktop) -> StudyPage:
    page = desktop.window.page
    assert page is not None
    return page


def _settle(application: QApplication) -> None:
    for _ in range(20):
        application.processEvents()
        time.sleep(0.01)


def _until(application: QApplication, ready: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST_S
    while not ready():
        if time.monotonic() > end:
            sys.exit("the study was not finished in time")
        application.processEvents()
        time.sleep(0.005)


def _save(widget: QWidget, path: Path) -> None:
    """Write a picture with 256 colours, a third of the bytes: plain grounds as they are, greys nearly."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    row = picture.bytesPerLine()
    image = Image.frombytes("RGB", (picture.width(), picture.height()), bytes(picture.constBits()), "raw", "RGB", row)
    often = sorted(image.getcolors(image.width * image.height), reverse=True)[:_PLAIN]
    rest = image.quantize(256 - len(often) - len(_GREYS), method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette(
        [value for _, colour in often for value in colour] + [grey for grey in _GREYS for _ in "rgb"] + rest
    )
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)
    sys.stdout.write(f"{path}\n")


def write_tables(guide: Path) -> None:
    """Rewrite what stands between the markers of the guide."""
    use_language("en")
    keys = ["| key | what |", "|---|---|"]
    keys += [
        f"| {', '.join(f'`{key}`' for key in entry.keys)} | {tr(entry.text)} |"
        for entry in (command.entry for menu in MENUS for command in menu.commands)
        if entry.keys
    ]
    keys += [f"| {tr(how)} | {tr(what)} |" for how, what in MOUSE]
    keys += [f"| {tr('With a tool')}: {tr(how)} | {tr(what)} |" for how, what in WITH_TOOL]
    rows = ["| setting | values | default |", "|---|---|---|"]
    for setting in SETTINGS:
        if setting.section in HIDDEN_SECTIONS:
            continue
        values, default = "on, off", "on" if setting.default else "off"
        if setting.choices:
            named = {choice: choice_name(setting.name, choice) for choice in setting.choices}
            values, default = ", ".join(named.values()), named[str(setting.default)]
        elif setting.is_text:
            values, default = placeholder(setting), "none"
        elif not isinstance(setting.default, bool):
            values, default = f"{setting.low} to {setting.high} {setting.unit}", f"{setting.default} {setting.unit}"
        rows.append(f"| {setting_name(setting)} | {values} | {default} |")
    text = guide.read_text(encoding="utf-8")
    for marker, table in (("keys", keys), ("settings", rows)):
        start, end = f"<!-- {marker} -->\n", f"<!-- end of {marker} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = before + start + "\n" + "\n".join(table) + "\n\n" + end + after
    guide.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
