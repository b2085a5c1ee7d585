"""What an administrator fixes holds in the window, and studies that nobody reviewed go when their days are over."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot
from unit.review.studies import small_review

from cinecor.app.settings import Settings
from cinecor.review.store.database import transaction
from cinecor.review.store.identity import study_identity
from cinecor.review.store.study_store import StudyCard, StudyStore
from cinecor.ui.sheets.settings_dialog import SettingsDialog
from cinecor.ui.window.desktop import Desktop

from .conftest import LONG_MS

Start = Callable[[Settings], Desktop]


@pytest.fixture
def start(qapp: QApplication, tmp_path: Path) -> Iterator[Start]:
    """Start the desktop with some settings, over a store in the test's folder."""
    running: list[Desktop] = []

    def started(settings: Settings) -> Desktop:
        running.append(Desktop(qapp, settings, store_folder=tmp_path / "store"))
        running[-1].window.show()
        return running[-1]

    yield started
    for desktop in running:
        assert desktop.close()
        desktop.window.deleteLater()
        desktop.deleteLater()


def test_that_what_a_policy_fixes_is_grey_and_holds(start: Start, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.json", fixed={"keep_studies": False, "keep_days": 30})
    desktop = start(settings)
    assert desktop.store is None
    desktop.window.actions_by_name["settings"].trigger()
    dialog = desktop.window.findChild(SettingsDialog)
    assert dialog is not None
    keep, days = dialog.fields["keep_studies"], dialog.fields["keep_days"]
    assert isinstance(keep, QCheckBox)
    assert isinstance(days, QSpinBox)
    next(button for button in dialog.findChildren(QPushButton) if button.text() == "Defaults").click()
    assert (keep.isEnabled(), keep.isChecked()) == (False, False)
    assert (days.isEnabled(), days.value()) == (False, 30)
    assert "administers" in keep.toolTip()
    assert not settings.flag("keep_studies")
    assert not (tmp_path / "store").exists()
    dialog.reject()


def test_that_studies_go_after_their_days_unless_somebody_worked_on_them(
    start: Start, qtbot: QtBot, tmp_path: Path
) -> None:
    store = StudyStore(tmp_path / "store")
    for seed, status in enumerate(("new", "outlined", "in_review", "signed"), start=31):
        review = small_review(seed=seed)
        kept = store.open(study_identity(review.stack), StudyCard(Path("/images") / status))
        kept.close()
        with transaction(store._connection):
            store._connection.execute("UPDATE studies SET status = ?, touched = 0 WHERE id = ?", (status, kept.id))
    store.close()
    for days, left in ((0, 4), (7, 2)):
        settings = Settings()
        settings.change("keep_days", days)
        desktop = start(settings)
        qtbot.waitUntil(lambda desktop=desktop: not desktop.operations.busy, timeout=LONG_MS)
        assert desktop.store is not None
        rows = desktop.store.worklist()
        assert len(rows) == left
    assert {row.status.value for row in rows} == {"in_review", "signed"}
