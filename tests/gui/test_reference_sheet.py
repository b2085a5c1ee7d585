"""The sheet of reference tables: which table each value is compared with, and the site's own tables."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from cinecor.app.reference import ReferenceShelf
from cinecor.home import home
from cinecor.measure.reference.comparison import NONE
from cinecor.measure.reference.table_file import COLUMNS
from cinecor.ui.sheets.reference_sheet import ReferenceSheet
from cinecor.ui.window.desktop import Desktop
from cinecor.ui.window.study_page import StudyPage

ROW = "LV,ef_percent,no,all,,,,,{lower},{upper},own,cavity,,,,This site"


@pytest.fixture
def sheet(desktop: Desktop, reviewed: StudyPage) -> Iterator[ReferenceSheet]:
    """The sheet over an open study; what was chosen is forgotten afterwards, for other tests share the home."""
    desktop.window.actions_by_name["reference_tables"].trigger()
    yield next(one for one in desktop.window.findChildren(ReferenceSheet) if one.isVisible())
    shutil.rmtree(home() / "reference", ignore_errors=True)


def table(folder: Path, *rows: str) -> Path:
    path = folder / "site.csv"
    path.write_text("\n".join((",".join(COLUMNS), *rows)) + "\n", encoding="utf-8")
    return path


def click(qtbot: QtBot, sheet: ReferenceSheet, text: str) -> None:
    button = next(one for one in sheet.findChildren(QPushButton) if one.text() == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(sheet: ReferenceSheet, key: str, table_id: str) -> None:
    box = sheet.choices[key]
    box.setCurrentIndex(box.findData(table_id))
    box.activated.emit(box.currentIndex())


def limits(page: StudyPage) -> tuple[str, float | None, float | None] | None:
    found = page.numbers.ranges["lv.ef_percent"].comparison
    return None if found is None else (found.table.id, found.lower, found.upper)


def test_that_a_choice_holds_at_once_and_is_kept(sheet: ReferenceSheet, reviewed: StudyPage) -> None:
    before = limits(reviewed)
    assert before is not None
    assert before[0] == "petersen-2017"
    choose(sheet, "lv.ef_percent", "molnar-2025")
    after = limits(reviewed)
    assert after is not None
    assert after[0] == "molnar-2025"
    assert "convention" in reviewed.numbers.ranges["lv.ef_percent"].toolTip()
    assert ReferenceShelf().book().choices == {"lv.ef_percent": "molnar-2025"}
    choose(sheet, "lv.ef_percent", NONE)
    assert limits(reviewed) is None


def test_that_automatic_names_no_table_that_the_present_convention_refuses(
    sheet: ReferenceSheet, reviewed: StudyPage
) -> None:
    volume, share = (sheet.choices[key].itemText(0) for key in ("lv.edv_ml", "lv.ef_percent"))
    assert reviewed.numbers.ranges["lv.edv_ml"].comparison is None
    assert volume == "Automatic: Kawel-Boehm 2015, while papillary muscles are mass"
    assert share.startswith("Automatic: Petersen 2017")
    assert share.endswith("where papillary muscles are mass Kawel-Boehm 2015")
    assert sheet.choices["rv.edv_ml.indexed"].itemText(0) == "Automatic: SCMR 2025"


def test_that_a_site_s_table_is_used_until_it_is_removed(
    sheet: ReferenceSheet, reviewed: StudyPage, qtbot: QtBot, tmp_path: Path
) -> None:
    sheet.ask_file = lambda: table(tmp_path, ROW.format(lower=40, upper=80))
    click(qtbot, sheet, "Add a table…")
    assert limits(reviewed) == ("site", 40.0, 80.0)
    qtbot.mouseClick(sheet.removals["site"], Qt.MouseButton.LeftButton)
    after = limits(reviewed)
    assert after is not None
    assert after[0] == "petersen-2017"


def test_that_a_chosen_table_which_is_damaged_is_told_and_shown_as_chosen(
    sheet: ReferenceSheet, reviewed: StudyPage, qtbot: QtBot, tmp_path: Path
) -> None:
    sheet.ask_file = lambda: table(tmp_path, ROW.format(lower=40, upper=80))
    click(qtbot, sheet, "Add a table…")
    choose(sheet, "lv.ef_percent", "site")
    table(home() / "reference", ROW.format(lower=41, upper=80))
    click(qtbot, sheet, "Add a table…")
    assert "It replaced another table “site”, which is gone." in sheet.told.text()
    (home() / "reference" / "site.csv").write_text("torn")
    choose(sheet, "rv.ef_percent", "molnar-2025")
    assert "site.csv, line 1" in sheet.told.text()
    assert reviewed.numbers.ranges["lv.ef_percent"].comparison is None
    assert "The chosen table is not used" in reviewed.numbers.ranges["lv.ef_percent"].toolTip()
    assert "site.csv, line 1" in reviewed.numbers.text()
    again = ReferenceSheet(ReferenceShelf(), changed=lambda: None, parent=reviewed)
    qtbot.addWidget(again)
    assert again.choices["lv.ef_percent"].currentData() == "site"


def test_that_a_broken_table_names_its_lines_and_changes_nothing(
    sheet: ReferenceSheet, reviewed: StudyPage, qtbot: QtBot, tmp_path: Path
) -> None:
    before = limits(reviewed)
    sheet.ask_file = lambda: table(tmp_path, ROW.format(lower=80, upper=40), ROW.format(lower="x", upper=40))
    click(qtbot, sheet, "Add a table…")
    assert sheet.told.isVisible()
    assert "line 2" in sheet.told.text()
    assert "line 3" in sheet.told.text()
    assert limits(reviewed) == before
