"""Render the desktop's views for README and the user guide, and rewrite the guide's tables of keys and settings.

Pictures of the phantom go to docs/images; those of real studies, where they are present, to build/screenshots, because
they show patients. Run by `make screenshots`.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget

from cinecor.app.settings import HIDDEN_SECTIONS, SETTINGS, Settings
from cinecor.phantom import make_phantom, write_dicom
from cinecor.review import Body, Moment, SetBody, ToggleSlice
from cinecor.ui.actions import ACTIONS, MOUSE
from cinecor.ui.audit_sheet import AuditSheet
from cinecor.ui.command_palette import CommandPalette
from cinecor.ui.desktop import Desktop, make_application
from cinecor.ui.key_sheet import KeySheet
from cinecor.ui.settings_dialog import SettingsDialog
from cinecor.ui.study_page import StudyPage
from cinecor.ui.texts import tr, use_language

ROOT = Path(__file__).resolve().parents[1]
SIZE = QSize(1440, 900)
LONGEST_S = 600.0
LAYOUTS = {"overview": "1", "cine": "2", "grid": "3", "long-axis": "4"}
SHEETS = {"audit": AuditSheet, "key_sheet": KeySheet, "settings": SettingsDialog, "palette": CommandPalette}


def main() -> None:
    """Draw everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--study", type=Path, action="append", default=[], help="a real study; may be repeated")
    options = parser.parse_args()
    application = make_application(["cinecor-screenshots"])
    with TemporaryDirectory() as temporary:
        study = Path(temporary) / "phantom"
        write_dicom(make_phantom(), study, style="siemens")
        _draw(application, study, ROOT / "docs" / "images", prefix="desktop")
    for study in options.study:
        if study.exists():
            _draw(application, study, ROOT / "build" / "screenshots", prefix=study.name)
    _write_tables(ROOT / "docs" / "user-guide.md")


def _draw(application: QApplication, study: Path, folder: Path, *, prefix: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(None)
    settings.change("language", "en")
    desktop = Desktop(application, settings)
    desktop.window.resize(SIZE)
    desktop.window.show()
    _settle(application)
    if prefix == "desktop":
        _save(desktop.window, folder / f"{prefix}-welcome.png")
    desktop.open(study)
    _until(application, lambda: _page(desktop).desk.measures is not None and not _page(desktop).desk.busy)
    desk = _page(desktop).desk
    desk.edit(SetBody(Body(desk.review.body.heart_rate_bpm if desk.review else None, 175.0, 74.0)))
    for name, layout in LAYOUTS.items():
        desktop.settings.change("layout", layout)
        desk.cursor.go(to_phase=desk.measures.measurements.ed_phase if desk.measures else 0)
        _settle(application)
        _save(desktop.window, folder / f"{prefix}-{name}.png")
    desktop.settings.change("layout", "1")
    first = next(index for index in range(desk.cursor.last_slice) if _adds(_page(desktop), index))
    desk.edit(ToggleSlice(first, Moment.ED))
    _settle(application)
    _save(_page(desktop).matrix.parentWidget(), folder / f"{prefix}-matrix.png")
    _save(_page(desktop).curves.parentWidget(), folder / f"{prefix}-curves.png")
    _save(_page(desktop).numbers, folder / f"{prefix}-numbers.png")
    desk.undo()
    for name, kind in SHEETS.items():
        desktop.window.actions_by_name[name].trigger()
        _settle(application)
        sheet = desktop.window.findChild(kind)
        assert isinstance(sheet, QWidget)
        _save(sheet, folder / f"{prefix}-{name.replace('_', '-')}.png")
        sheet.close()
        _settle(application)
    for language, theme in (("fr", "light"),):
        desktop.settings.change("language", language)
        desktop.settings.change("theme", theme)
        _settle(application)
        desktop.window.resize(SIZE)
        _settle(application)
        _save(desktop.window, folder / f"{prefix}-overview-{language}-{theme}.png")
    if not desktop.close():
        sys.exit("a thread did not end")


def _adds(page: StudyPage, index: int) -> bool:
    measures = page.desk.measures
    assert measures is not None
    return bool(measures.curves.lv_slices_ml[index, measures.measurements.ed_phase] > 0)


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
    widget.grab().save(str(path))
    sys.stdout.write(f"{path}\n")


def _write_tables(guide: Path) -> None:
    """Rewrite what stands between the markers of the guide."""
    use_language("en")
    keys = ["| key | what |", "|---|---|"]
    keys += [
        f"| {', '.join(f'`{key}`' for key in entry.keys)} | {tr(f'action.{entry.name}')} |"
        for entry in ACTIONS
        if entry.keys
    ]
    keys += [f"| {tr(f'mouse.{name}.how')} | {tr(f'mouse.{name}')} |" for name in MOUSE]
    rows = ["| setting | values | default |", "|---|---|---|"]
    for setting in SETTINGS:
        if setting.section in HIDDEN_SECTIONS:
            continue
        values, default = "on, off", "on" if setting.default else "off"
        if setting.choices:
            named = {choice: tr(f"setting.{setting.name}.{choice}") for choice in setting.choices}
            values, default = ", ".join(named.values()), named[str(setting.default)]
        elif not isinstance(setting.default, bool):
            values, default = f"{setting.low} to {setting.high} {setting.unit}", f"{setting.default} {setting.unit}"
        rows.append(f"| {tr(f'setting.{setting.name}')} | {values} | {default} |")
    text = guide.read_text(encoding="utf-8")
    for marker, table in (("keys", keys), ("settings", rows)):
        start, end = f"<!-- {marker} -->\n", f"<!-- end of {marker} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = before + start + "\n" + "\n".join(table) + "\n\n" + end + after
    guide.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
