"""`StatusStrip`: what goes on, how long it takes, a button to stop it, and the device that really runs."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from cinecor.ui.look.icons import icon
from cinecor.ui.look.names import device_name, notice
from cinecor.ui.look.texts import said, tr
from cinecor.ui.look.theme import Theme
from cinecor.ui.study.study_desk import StudyDesk
from cinecor.ui.work.operations import Operations


class StatusStrip(QStatusBar):
    """The lowest line of the window; the notice never leaves it."""

    stop_wanted = Signal()
    device_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.notice = QLabel(notice())
        self.notice.setProperty("quiet", True)
        self.notice.setContentsMargins(8, 0, 8, 0)
        self.addWidget(self.notice)
        self.stage = QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(140)
        self.stop = QToolButton()
        self.stop.setProperty("flat", True)
        self.stop.setIcon(icon("close", theme.text))
        self.stop.setIconSize(QSize(12, 12))
        self.stop.setToolTip(tr("Stop"))
        self.stop.setAccessibleName(tr("Stop"))
        self.stop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.stop.clicked.connect(self.stop_wanted)
        self.device = QToolButton()
        self.device.setToolTip(tr("What runs the model, and why"))
        self.device.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.device.clicked.connect(self.device_wanted)
        for widget in (self.stage, self.bar, self.stop, self.device):
            self.addPermanentWidget(widget)
        self.show_desk(None)

    def show_desk(self, desk: StudyDesk | None, saving: Operations | None = None) -> None:
        """Show what is being saved, else the work of the study in front."""
        saves = saving is not None and saving.busy
        work = saving if saves else None if desk is None else desk.operations
        busy = work is not None and work.busy
        for widget in (self.bar, self.stop, self.stage):
            widget.setVisible(busy)
        running_on = None if desk is None else desk.outlining.running_on
        self.device.setVisible(running_on is not None)
        if running_on is not None:
            self.device.setText(f"{device_name(running_on)} {running_on.precision}")
        if work is None or not busy:
            return
        report = work.report
        if report is None:
            self._fill_bar(0, 0)
            self._show_stage(tr("Saving…") if saves else tr("Working…"))
            return
        stage, total = said(report.progress.stage), report.progress.total
        if saves:
            stage = tr("Exporting: {what}", what=stage)
        # Of one step nobody knows how much is done.
        self._fill_bar(report.progress.done, 0 if total == 1 else max(1, total))
        text = stage if total == 1 else f"{stage}  {report.progress.done} / {total}"
        if report.seconds_left is not None and report.seconds_left >= 1:
            text += "  ·  " + tr("{seconds} s left", seconds=f"{report.seconds_left:.0f}")
        self._show_stage(text)

    def _show_stage(self, text: str) -> None:
        """Show what goes on, in as much room as it needs at once: painted first, it would be cut."""
        self.stage.setText(text)
        layout = self.layout()
        if layout is not None:
            layout.activate()

    def _fill_bar(self, done: int, total: int) -> None:
        """Show progress with the next painting: a bar by itself paints at once, and the whole window with it."""
        self.bar.setUpdatesEnabled(False)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.bar.setUpdatesEnabled(True)
