"""`Opening`: asks which study to open, beside the one that was opened last."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cinecor.ui.look.texts import tr


class Opening(QObject):
    """Whoever opens studies hears of `wanted`; `choose_folder` and `choose_file` may be replaced."""

    wanted = Signal(Path)
    study_wanted = Signal(Path, str)  # a series of it too, where the input holds several studies
    demo_wanted = Signal()

    def __init__(self, window: QWidget, places: dict[str, str]) -> None:
        super().__init__(window)
        self._window, self._places = window, places
        self.choose_folder: Callable[[str], Path | None] = self._ask_folder
        self.choose_file: Callable[[str], Path | None] = self._ask_file

    @Slot()
    def ask_for_folder(self) -> None:
        """Ask for a folder and open it."""
        self._open(self.choose_folder(tr("Open a study folder")))

    @Slot()
    def ask_for_file(self) -> None:
        """Ask for a DICOMDIR, zip, DICOM or NIfTI file and open it."""
        self._open(self.choose_file(tr("Open a study file")))

    def _open(self, path: Path | None) -> None:
        if path is not None:
            self.wanted.emit(path)

    def _ask_folder(self, title: str) -> Path | None:
        return self._remembered(QFileDialog.getExistingDirectory(self._window, title, self._beside_the_last()))

    def _ask_file(self, title: str) -> Path | None:
        return self._remembered(QFileDialog.getOpenFileName(self._window, title, self._beside_the_last())[0])

    def _beside_the_last(self) -> str:
        return self._places.get("folder") or str(Path.home())

    def remember(self, study: Path) -> None:
        """Begin beside this study the next time: however it was opened, the next one lies near."""
        self._places["folder"] = str(study.absolute().parent)

    def _remembered(self, chosen: str) -> Path | None:
        if not chosen:
            return None
        self.remember(Path(chosen))
        return Path(chosen)
