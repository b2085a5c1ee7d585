"""`Welcome`: the window before a study is open: where to begin, and what was opened last."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cinecor.app.recent import RecentStudies
from cinecor.app.settings import Settings
from cinecor.ui.look.icons import icon
from cinecor.ui.look.names import input_name
from cinecor.ui.look.texts import tr
from cinecor.ui.look.theme import Theme

_WIDTH = 560


class Welcome(QWidget):
    """Three ways in; a study can also be dropped anywhere on the window."""

    folder_wanted = Signal()
    file_wanted = Signal()
    demo_wanted = Signal()
    study_chosen = Signal(Path)

    def __init__(self, settings: Settings, recent: RecentStudies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings, self._recent, self._theme = settings, recent, theme
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        middle = QHBoxLayout()
        middle.addStretch()
        column_frame = QWidget()
        column_frame.setFixedWidth(_WIDTH)
        column = QVBoxLayout(column_frame)
        column.setSpacing(14)
        title_row = QHBoxLayout()
        mark = QLabel()
        mark.setPixmap(icon("heart", theme.accent).pixmap(34, 34))
        title_row.addWidget(mark)
        title = QLabel("Cinecor")
        title.setStyleSheet("font-size: 24pt; font-weight: 600;")
        title_row.addWidget(title)
        title_row.addStretch()
        column.addLayout(title_row)
        intro = QLabel(
            tr(
                "Open a cardiac MRI study: the short-axis cine is found, both ventricles are "
                "outlined in every slice and phase, and the volumes follow. Nothing leaves this "
                "computer."
            )
        )
        intro.setWordWrap(True)
        column.addWidget(intro)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        self.folder = QPushButton(tr("Open folder"))
        self.folder.setProperty("primary", True)
        self.folder.clicked.connect(self.folder_wanted)
        self.file = QPushButton(tr("Open file"))
        self.file.clicked.connect(self.file_wanted)
        self.demo = QPushButton(tr("Synthetic study"))
        self.demo.clicked.connect(self.demo_wanted)
        for button in (self.folder, self.file, self.demo):
            button.setMinimumHeight(36)
            buttons.addWidget(button)
        buttons.addStretch()
        column.addLayout(buttons)
        drop = QLabel(tr("Or drop a folder, a DICOMDIR, a .zip or a NIfTI file anywhere on this window."))
        drop.setProperty("quiet", True)
        drop.setWordWrap(True)
        column.addWidget(drop)
        self._recent_head = QLabel(tr("Recent studies"))
        self._recent_head.setProperty("heading", True)
        self._recent_head.setContentsMargins(0, 14, 0, 0)
        column.addWidget(self._recent_head)
        self.recent_box = QFrame()
        self._recent_rows = QVBoxLayout(self.recent_box)
        self._recent_rows.setContentsMargins(0, 0, 0, 0)
        self._recent_rows.setSpacing(4)
        column.addWidget(self.recent_box)
        middle.addWidget(column_frame)
        middle.addStretch()
        outer.addLayout(middle)
        outer.addStretch(3)
        self.refresh()

    def refresh(self) -> None:
        """Show the recent studies that are there."""
        while (item := self._recent_rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()  # the layout shows it later otherwise, as a window of its own
                widget.setParent(None)  # gone at once; deleted when the event loop comes round
                widget.deleteLater()
        paths = self._recent.paths()
        for number, path in enumerate(paths, start=1):
            self._recent_rows.addWidget(self._row(path, number))
        self._recent_head.setVisible(bool(paths))

    def _row(self, path: Path, number: int) -> QPushButton:
        shown = self._settings.flag("show_patient")
        metrics = self.fontMetrics()
        name = metrics.elidedText(input_name(path, number, shown=shown), Qt.TextElideMode.ElideMiddle, 160)
        where = metrics.elidedText(str(path.parent), Qt.TextElideMode.ElideMiddle, _WIDTH - 200) if shown else ""
        button = QPushButton(f"{name}    {where}".rstrip())
        button.setStyleSheet("text-align: left; padding: 6px 10px;")
        button.setToolTip(str(path) if shown else "")
        button.clicked.connect(lambda _=False, chosen=path: self.study_chosen.emit(chosen))
        return button
