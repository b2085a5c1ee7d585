"""`WorkingObject`: background operations of one study: started, told of, cancelled, waited for, all in one place."""

from typing import Any, cast

from PySide6.QtCore import QObject, Signal, Slot

from cinecor.app.background import Told
from cinecor.ui.look.failure import failure_of
from cinecor.ui.work.relay import Relay


class WorkingObject(QObject):
    """Owns relays until their threads have ended; `retire` lets go of it without waiting."""

    work_changed = Signal()
    failed = Signal(object)  # Failure
    gone = Signal()  # retired, and no thread left

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.told: Told | None = None
        self.retired = False
        self._operations: list[Relay] = []

    def runs(self, relay: Relay | None) -> bool:
        """Whether this operation goes on."""
        return relay is not None and relay in self._operations

    def start_work(self, relay: Relay, *, done: Any, part: Any = None, quiet: bool = False) -> None:
        relay.done.connect(done)
        if part is not None:
            relay.part.connect(part)
        if not quiet:
            self.told = None  # what was told of other work would be taken for this one's
            relay.progress.connect(self._take_progress)
            relay.failed.connect(self._take_failure)
        relay.done.connect(self._ended)
        relay.failed.connect(self._ended)
        relay.cancelled.connect(self._ended)
        self._operations.append(relay)
        relay.start()
        self.work_changed.emit()

    @Slot(object)
    def _take_progress(self, told: object) -> None:
        self.told = cast(Told, told)
        self.work_changed.emit()

    @Slot(object)
    def _take_failure(self, error: object) -> None:
        self.failed.emit(failure_of(cast(Exception, error)))

    @Slot()
    @Slot(object)
    def _ended(self, _: object = None) -> None:
        relay = self.sender()
        if isinstance(relay, Relay) and relay in self._operations:
            relay.wait()
            self._operations.remove(relay)
            relay.deleteLater()
        if not self._operations:
            self.told = None
        self.work_changed.emit()
        if self.retired and not self._operations:
            self.leave()

    @property
    def busy(self) -> bool:
        """Whether anything goes on for this study."""
        return bool(self._operations)

    def cancel(self) -> None:
        """Stop everything that goes on; what is there already stays."""
        for relay in self._operations:
            relay.cancel()

    def retire(self) -> None:
        """Stop all work without waiting; `gone` is told when the last thread has ended."""
        self.retired = True
        self.cancel()
        if not self._operations:
            self.leave()

    def wait(self, timeout_s: float) -> bool:
        """Wait for all threads; False when one still runs."""
        return not [relay for relay in list(self._operations) if not relay.wait(timeout_s)]

    def leave(self) -> None:
        """Give back what is held; called when the last thread has ended."""
        self.gone.emit()
