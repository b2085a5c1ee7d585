"""`Relay`: what a background operation tells, brought to the thread of the widgets."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from cinecor.app.background import BackgroundOperation, Handle, Listener


class Relay(QObject):
    """Signals of one operation; connect slots of objects that live on the widgets' thread, then `start`."""

    progress = Signal(object)  # Told
    part = Signal(object)
    done = Signal(object)
    failed = Signal(object)  # Exception
    cancelled = Signal()

    def __init__(self, name: str, work: Callable[[Handle], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._operation = BackgroundOperation(
            name,
            work,
            Listener(
                progress=self.progress.emit,
                part=self.part.emit,
                done=self.done.emit,
                failed=self.failed.emit,
                cancelled=self.cancelled.emit,
            ),
        )

    def start(self) -> None:
        """Start the work."""
        self._operation.start()

    def cancel(self) -> None:
        """Ask the work to stop."""
        self._operation.cancel()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread to end."""
        return self._operation.wait(timeout_s)

    @property
    def running(self) -> bool:
        """Whether the work goes on."""
        return self._operation.running
